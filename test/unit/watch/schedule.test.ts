import { describe, expect, it } from 'vitest';
import { type EpochMillis, epochMillis, millis } from '../../../shared/domain/units.ts';
import type { WatchSchedule } from '../../../shared/domain/watch.ts';
import { afterQuietHours, cronFault, nextRunAfter } from '../../../shared/watch/schedule.ts';
import { freshWatchId } from '../../helpers/sample-watch.ts';

const at = (iso: string): EpochMillis => epochMillis(Date.parse(iso));
const iso = (time: EpochMillis | null): string => (time === null ? 'never' : new Date(time).toISOString());

const HOUR = 3_600_000;
const EVERY_SIX_HOURS: WatchSchedule = { kind: 'every', interval: millis(6 * HOUR) };
const NIGHTLY: WatchSchedule = { kind: 'cron', pattern: '30 2 * * *', zone: 'Europe/Berlin' };

/** The times of the schedule itself, without the spread of a watch, which only ever adds to them. */
function named(schedule: WatchSchedule, from: string, count: number): string[] {
  const times: string[] = [];
  const id = freshWatchId();
  let last = at(from);
  for (let index = 0; index < count; index++) {
    const next = nextRunAfter(schedule, id, last);
    if (next === null) break;
    times.push(new Date(Math.floor(next / HOUR) * HOUR + (next % HOUR >= HOUR / 2 ? HOUR / 2 : 0)).toISOString());
    last = next;
  }
  return times;
}

describe('The schedule of a watch', () => {
  it('keeps its interval, from a point that the id decides', () => {
    const id = freshWatchId();
    const first = nextRunAfter(EVERY_SIX_HOURS, id, at('2026-03-01T00:00:00Z'));
    const second = nextRunAfter(EVERY_SIX_HOURS, id, first ?? at(''));
    expect((second ?? 0) - (first ?? 0)).toBe(6 * HOUR);
    expect(nextRunAfter(EVERY_SIX_HOURS, id, epochMillis((first ?? 0) - 1))).toBe(first);
  });

  it('spreads forty watches over their interval, so that they do not start at once', () => {
    const from = at('2026-03-01T00:00:00Z');
    const starts = Array.from({ length: 40 }, () => nextRunAfter(EVERY_SIX_HOURS, freshWatchId(), from) ?? 0);
    const byQuarter = starts.map((start) => Math.floor((start - from) / (1.5 * HOUR)));
    for (const quarter of [0, 1, 2, 3]) expect(byQuarter.filter((each) => each === quarter).length).toBeGreaterThan(2);
  });

  it('spreads watches with one pattern over the minutes after its time, and never before it', () => {
    const from = at('2026-03-01T00:00:00Z');
    const late = Array.from(
      { length: 40 },
      () => (nextRunAfter(NIGHTLY, freshWatchId(), from) ?? 0) - at('2026-03-01T01:30:00Z'),
    );
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(5 * 60_000);
    expect(new Set(late).size).toBeGreaterThan(30);
  });

  it('never names the same time twice, however often it is asked', () => {
    const id = freshWatchId();
    const every: WatchSchedule = { kind: 'cron', pattern: '* * * * *', zone: 'UTC' };
    let last = at('2026-03-01T00:00:00Z');
    const times = Array.from({ length: 10 }, () => {
      last = nextRunAfter(every, id, last) ?? last;
      return last;
    });
    expect(times.map((time, index) => time - (times[0] ?? 0) - index * 60_000)).toEqual(Array(10).fill(0));
  });

  it('makes up for missed times once: the next is after now, however long nobody looked', () => {
    const now = at('2026-03-09T12:00:00Z');
    const next = nextRunAfter(EVERY_SIX_HOURS, freshWatchId(), now) ?? 0;
    expect(next).toBeGreaterThan(now);
    expect(next).toBeLessThanOrEqual(now + 6 * HOUR);
  });

  it('keeps to the clock of its zone through the change to summer time, when its time does not exist', () => {
    expect(named(NIGHTLY, '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('runs once where its time comes twice, at the change back', () => {
    expect(named(NIGHTLY, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
  });

  it('is refused where it cannot be read, or never comes', () => {
    const now = at('2026-03-01T00:00:00Z');
    expect(cronFault('0 3 * * 1-5', 'Europe/Berlin', now)).toBeUndefined();
    expect(cronFault('61 * * * *', 'UTC', now)).toContain('minute');
    expect(cronFault('* * * * * *', 'UTC', now)).toContain('5 parts');
    expect(cronFault('0 0 30 2 *', 'UTC', now)).toContain('no time');
    expect(cronFault('0 3 * * *', 'Mars/Olympus', now)).toContain('Mars/Olympus');
  });
});

describe('Quiet hours', () => {
  const night = { from: 22 * 60, to: 7 * 60, zone: 'Europe/Berlin' };

  it('hold back what comes in them until they are over, also past midnight', () => {
    expect(iso(afterQuietHours(night, at('2026-01-10T22:00:00Z')))).toBe('2026-01-11T06:00:00.000Z');
    expect(iso(afterQuietHours(night, at('2026-01-11T03:30:20Z')))).toBe('2026-01-11T06:00:00.000Z');
  });

  it('let through what comes outside of them', () => {
    for (const time of ['2026-01-10T06:00:00Z', '2026-01-10T20:59:59Z'])
      expect(afterQuietHours(night, at(time))).toBe(at(time));
    expect(afterQuietHours(null, at('2026-01-10T23:00:00Z'))).toBe(at('2026-01-10T23:00:00Z'));
  });

  it('end by the clock of their zone also in the night in which it is put forward', () => {
    expect(iso(afterQuietHours(night, at('2026-03-28T23:00:00Z')))).toBe('2026-03-29T05:00:00.000Z');
  });
});
