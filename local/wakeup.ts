import type { Millis } from '../shared/domain/units.ts';
import type { Clock } from '../shared/seams/clock.ts';

/** A wait that several events may end. One that comes while nothing waits ends the next wait at once. */
export interface Wakeup {
  wake(): void;
  /** Resolves at the next `wake`, or after `atMost`. */
  wait(clock: Pick<Clock, 'after'>, atMost: Millis): Promise<void>;
  /** The returned function stops listening. */
  wakeOnAbort(signal: AbortSignal): () => void;
}

export function makeWakeup(): Wakeup {
  let isAwake = false;
  let waiting: (() => void) | null = null;
  const wake = (): void => {
    isAwake = true;
    waiting?.();
  };
  return {
    wake,
    wait: (clock, atMost) =>
      new Promise((resolve) => {
        const end = (): void => {
          waiting = null;
          isAwake = false;
          cancel();
          resolve();
        };
        const cancel = clock.after(atMost, end);
        waiting = end;
        if (isAwake) end();
      }),
    wakeOnAbort(signal) {
      if (signal.aborted) wake();
      signal.addEventListener('abort', wake, { once: true });
      return () => signal.removeEventListener('abort', wake);
    },
  };
}
