import type { QuietHours, WatchExpectation, WatchSchedule, WatchSpec } from '../domain/watch.ts';
import type { RawWatch } from './read-watch.ts';

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
] as const;

/** The schedule as its owner wrote it: "6h", or the pattern and its zone. */
export function scheduleWords(schedule: WatchSchedule): string {
  if (schedule.kind === 'cron') return `${schedule.pattern} (${schedule.zone})`;
  const [length, unit] = UNITS.find(([length]) => schedule.interval % length === 0) ?? [1_000, 's'];
  return `${schedule.interval / length}${unit}`;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

export const quietHoursWords = ({ from, to }: QuietHours): string => `${clock(from)}-${clock(to)}`;

/** The watch in its owner's words again: what `readWatch` makes the same watch of. */
export function rawWatchOf({ name, request, schedule, expect, quietHours, notify }: WatchSpec): RawWatch {
  return {
    name,
    ...request,
    ...(schedule.kind === 'every'
      ? { every: scheduleWords(schedule) }
      : { cron: schedule.pattern, zone: schedule.zone }),
    ...(expect && expectationWords(expect)),
    ...(quietHours && { quietHours: quietHoursWords(quietHours), zone: quietHours.zone }),
    ...(notify.length > 0 && { notify }),
  };
}

const expectationWords = ({ kind, text, strictness }: WatchExpectation): Partial<RawWatch> => ({
  ...(kind === 'ports' ? { expect: text } : { expectDocument: text }),
  ...(strictness === 'exactly' && { expectExact: true }),
});
