import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';

/**
 * When everybody has to stop, for a signal or a deadline. Hundreds may wait on it at once; each as a listener of the
 * signal itself would be taken by Node for a leak.
 */
export interface Stop {
  readonly stopped: boolean;
  /** Calls `wake` once, when it is time; the returned function takes it back. */
  whenStopped(wake: () => void): () => void;
}

export interface StopDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** On the monotonic clock; null is never. */
  readonly deadline: Millis | null;
}

export function makeStop({ clock, signal, deadline }: StopDeps): Stop & { forget(): void } {
  const waiting = new Set<() => void>();
  let stopped = signal.aborted;
  const stop = (): void => {
    stopped = true;
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  const takeBack = deadline === null ? () => {} : clock.after(millis(Math.max(0, deadline - clock.now())), stop);
  return {
    get stopped() {
      return stopped;
    },
    whenStopped(wake) {
      waiting.add(wake);
      return () => waiting.delete(wake);
    },
    forget() {
      signal.removeEventListener('abort', stop);
      takeBack();
    },
  };
}

/** Waits for `delay`, or until it is time to stop. */
export function pause(delay: Millis, clock: Clock, stop: Stop): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      takeBack();
      forget();
      resolve();
    };
    const takeBack = clock.after(delay, end);
    const forget = stop.whenStopped(end);
  });
}
