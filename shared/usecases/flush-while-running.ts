import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import { makeWakeup, sleep } from '../seams/sleep.ts';

/** How often what was found is written where nothing is paid for it: as often as a person can see it come. */
export const FLUSH_EVERY = millis(50);

/** Calls `flush`, with the count of its calls, once in `every` until the work is over. A failed flush ends the wait. */
export async function flushWhileRunning(
  work: Promise<unknown>,
  clock: Clock,
  flush: (count: number) => Promise<void>,
  every: Millis = FLUSH_EVERY,
): Promise<void> {
  const ending = makeWakeup();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    ending.wake();
  };
  work.then(end, end);
  for (let count = 1; !isOver; count++) {
    await sleep(clock, every, ending.whenWoken);
    if (!isOver) await flush(count);
  }
}
