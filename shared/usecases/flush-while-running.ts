import { millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import { makeWakeup, sleep } from '../seams/sleep.ts';

/** How often what was found is written: as often as a person can see it come. */
export const FLUSH_EVERY = millis(50);

/** Calls `flush`, with the count of its calls, at a steady pace until the work is over. A failed flush ends the wait. */
export async function flushWhileRunning(
  work: Promise<unknown>,
  clock: Clock,
  flush: (count: number) => Promise<void>,
): Promise<void> {
  const ending = makeWakeup();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    ending.wake();
  };
  work.then(end, end);
  for (let count = 1; !isOver; count++) {
    await sleep(clock, FLUSH_EVERY, ending.whenWoken);
    if (!isOver) await flush(count);
  }
}
