import { Cron } from 'croner';
import { type EpochMillis, epochMillis, type Millis, millis, type WatchId } from '../domain/units.ts';
import type { QuietHours, WatchSchedule } from '../domain/watch.ts';
import { stableFraction } from './stable-id.ts';

/**
 * The next time after `after` at which the watch runs. Times that were missed lie before `after` and are not made up
 * for one by one: whoever was away runs once, and goes on from then.
 *
 * An interval is counted from 1970 on, from a point that the id of the watch decides, so that forty watches of six hours
 * are spread over the six hours. A cron pattern names its times; it is spread over the first minutes after them.
 */
export function nextRunAfter(schedule: WatchSchedule, id: WatchId, after: EpochMillis): EpochMillis | null {
  if (schedule.kind === 'every') {
    const { interval } = schedule;
    const phase = Math.floor(stableFraction(id) * interval);
    return epochMillis(phase + (Math.floor((after - phase) / interval) + 1) * interval);
  }
  // A time of the pattern whose spread lies after `after` may itself lie before it.
  for (let from = after - LONGEST_SPREAD; ; ) {
    const named = cronAfter(schedule, epochMillis(from));
    if (named === null) return null;
    const at = named + spreadOf(schedule, id, named);
    if (at > after) return epochMillis(at);
    from = named;
  }
}

/** A pattern that names minutes is meant to be kept about to the minute; five of them take the edge off a full hour. */
const LONGEST_SPREAD = 5 * 60_000;

/** And no more than a tenth of the time to the next run. */
const SPREAD_OF_GAP = 0.1;

function spreadOf(schedule: CronSchedule, id: WatchId, named: EpochMillis): number {
  const following = cronAfter(schedule, named);
  const gap = following === null ? Number.POSITIVE_INFINITY : following - named;
  return Math.floor(stableFraction(id) * Math.min(LONGEST_SPREAD, SPREAD_OF_GAP * gap));
}

type CronSchedule = Extract<WatchSchedule, { kind: 'cron' }>;

/** Patterns are read often, a handful of them; a pattern takes some 50 µs to read. */
const patterns = new Map<string, Cron>();
const MOST_PATTERNS = 1_000;

/**
 * Croner's rules for a clock that is put forward or back: a time that does not exist is taken for the moment after the
 * gap, and a time that exists twice is meant once, the first time.
 */
function cronAfter({ pattern, zone }: CronSchedule, after: EpochMillis): EpochMillis | null {
  const next = readCron(pattern, zone).nextRun(new Date(after));
  return next === null ? null : epochMillis(next.getTime());
}

/** @throws TypeError for a pattern or zone that cannot be read */
function readCron(pattern: string, zone: string): Cron {
  const key = `${pattern}\n${zone}`;
  const known = patterns.get(key);
  if (known) return known;
  const read = new Cron(pattern, { timezone: zone, mode: '5-part' });
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(key, read);
  return read;
}

/** Why the pattern or the zone cannot be used; undefined where they can. `now` is any moment. */
export function cronFault(pattern: string, zone: string, now: EpochMillis): string | undefined {
  try {
    return cronAfter({ kind: 'cron', pattern, zone }, now) === null
      ? 'it names no time that is still to come'
      : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A whole day; quiet hours that come back every day cannot be longer. */
const MINUTES_A_DAY = 24 * 60;

/** When an alert may be sent that must not be sent in quiet hours: `at` itself outside of them, else their end. */
export function afterQuietHours(quiet: QuietHours | null, at: EpochMillis): EpochMillis {
  if (!quiet) return at;
  const minute = minuteOfDay(quiet.zone, at);
  const length = (quiet.to - quiet.from + MINUTES_A_DAY) % MINUTES_A_DAY;
  const passed = (minute - quiet.from + MINUTES_A_DAY) % MINUTES_A_DAY;
  if (passed >= length) return at;
  const end = Math.floor(at / 60_000) * 60_000 + (length - passed) * 60_000;
  // Where the clock is put back or forward in between, the end comes out an hour off; it is looked at once more.
  const off = quiet.to - minuteOfDay(quiet.zone, epochMillis(end));
  return epochMillis(end + (((off + MINUTES_A_DAY * 1.5) % MINUTES_A_DAY) - MINUTES_A_DAY / 2) * 60_000);
}

function minuteOfDay(zone: string, at: EpochMillis): number {
  const parts = clockOf(zone).formatToParts(at);
  const part = (type: 'hour' | 'minute') => Number(parts.find((each) => each.type === type)?.value ?? 0);
  return part('hour') * 60 + part('minute');
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(zone, made);
  return made;
}

/** Between two rounds of a run: long enough that a hiccup is over, short enough that a change is told within minutes. */
export const ROUND_PAUSE: Millis = millis(60_000);
