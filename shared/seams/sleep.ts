import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from './clock.ts';

/** An event that may end a sleep early. Calls `wake` when it happens, at once if it has; the result stops listening. */
export type WakeEvent = (wake: () => void) => () => void;

/** Sleeps for `delay` (null: without an end of its own), or until the first of the events. */
export function sleep(
  clock: Pick<Clock, 'after'>,
  delay: Millis | null,
  ...events: readonly WakeEvent[]
): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const leave: (() => void)[] = [];
    const leaveAll = (): void => {
      for (const each of leave) each();
    };
    const wake = (): void => {
      if (isOver) return;
      isOver = true;
      leaveAll();
      resolve();
    };
    if (delay !== null) leave.push(clock.after(delay, wake));
    for (const listen of events) if (!isOver) leave.push(listen(wake));
    // An event that had already happened woke us before its own listening could be ended.
    if (isOver) leaveAll();
  });
}

/** Something to sleep on that several events may end. One that comes while nothing sleeps ends the next sleep at once. */
export interface Wakeup {
  /** Wakes the sleeper, or whoever sleeps next. */
  wake(): void;
  readonly whenWoken: WakeEvent;
}

export function makeWakeup(): Wakeup {
  let isWoken = false;
  let sleeper: (() => void) | null = null;
  return {
    wake() {
      const wakeSleeper = sleeper;
      sleeper = null;
      if (wakeSleeper) wakeSleeper();
      else isWoken = true;
    },
    whenWoken(wake) {
      if (isWoken) {
        isWoken = false;
        wake();
        return () => {};
      }
      sleeper = wake;
      return () => {
        if (sleeper === wake) sleeper = null;
      };
    },
  };
}

/** When to stop working, for a signal or a deadline. */
export interface Stop {
  readonly stopped: boolean;
  readonly whenStopped: WakeEvent;
}

export interface StopDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** On the monotonic clock; null is never. */
  readonly deadline: Millis | null;
}

/**
 * One listener of the signal and one timer, however many sleep on it: hundreds of listeners of the signal itself would be
 * taken by Node for a leak. `forget` lets go of both.
 */
export function makeStop({ clock, signal, deadline }: StopDeps): Stop & { forget(): void } {
  const sleepers = new Set<() => void>();
  const isOver = (): boolean => signal.aborted || (deadline !== null && clock.now() >= deadline);
  const wakeAll = (): void => {
    const woken = [...sleepers];
    sleepers.clear();
    for (const wake of woken) wake();
  };
  signal.addEventListener('abort', wakeAll, { once: true });
  const cancelTimer = deadline === null ? () => {} : clock.after(millis(Math.max(0, deadline - clock.now())), wakeAll);
  return {
    get stopped() {
      return isOver();
    },
    whenStopped(wake) {
      if (isOver()) wake();
      else sleepers.add(wake);
      return () => sleepers.delete(wake);
    },
    forget() {
      signal.removeEventListener('abort', wakeAll);
      cancelTimer();
    },
  };
}
