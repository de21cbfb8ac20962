import type { Millis } from '../shared/domain/units.ts';
import type { Clock } from '../shared/seams/clock.ts';

/** Something to wait for that several events may ring. A ring nobody waits for is kept for the next who does. */
export interface Wakeup {
  ring(): void;
  /** Resolves at the next ring, or after `atMost`. */
  wait(clock: Pick<Clock, 'after'>, atMost: Millis): Promise<void>;
  /** The returned function takes the listening back. */
  ringOnAbort(signal: AbortSignal): () => void;
}

export function makeWakeup(): Wakeup {
  let rung = false;
  let waiting: (() => void) | null = null;
  const ring = (): void => {
    rung = true;
    waiting?.();
  };
  return {
    ring,
    wait: (clock, atMost) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting = null;
          rung = false;
          takeBack();
          resolve();
        };
        const takeBack = clock.after(atMost, wake);
        waiting = wake;
        if (rung) wake();
      }),
    ringOnAbort(signal) {
      if (signal.aborted) ring();
      signal.addEventListener('abort', ring, { once: true });
      return () => signal.removeEventListener('abort', ring);
    },
  };
}
