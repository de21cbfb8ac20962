import { type EpochMillis, epochMillis, type Millis, millis } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  advance(by: Millis): void;
}

interface Alarm {
  readonly at: number;
  readonly wake: () => void;
}

/** 2026-11-22T12:00:00Z, a date like any other. */
const START = 1_795_348_800_000;

export function manualClock(start: EpochMillis = epochMillis(START)): ManualClock {
  let elapsed = 0;
  const alarms = new Set<Alarm>();

  return {
    now: () => millis(elapsed),
    wall: () => epochMillis(start + elapsed),
    after: (delay, wake) => {
      const alarm = { at: elapsed + delay, wake };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    afterTurn: (wake) => {
      setImmediate(wake);
    },
    advance: (by) => {
      elapsed += by;
      const due = [...alarms].filter(({ at }) => at <= elapsed).sort((a, b) => a.at - b.at);
      for (const alarm of due) if (alarms.delete(alarm)) alarm.wake();
    },
  };
}
