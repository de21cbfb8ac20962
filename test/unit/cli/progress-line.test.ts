import { describe, expect, it } from 'vitest';
import { makeProgressLine } from '../../../cli/output/progress-line.ts';
import { millis } from '../../../shared/domain/units.ts';

const STEP = 200;

/** Milliseconds that a line says are left. */
function leftIn(line: string): number | undefined {
  const [, hours = '0', minutes = '', seconds = ''] = /(?:(\d+):)?(\d+):(\d\d) left/.exec(line) ?? [];
  return minutes === '' ? undefined : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

/**
 * How wrong the time left is at the most, from a tenth of the way on, as a part of the truth; times are told in whole
 * seconds, so a second is forgiven.
 *
 * @param settledAt how many of the planned probes are settled at each moment
 */
function worstError(planned: number, settledAt: (at: number) => number): number {
  let now = 0;
  const line = makeProgressLine(null, { now: () => millis(now) });
  const told: { at: number; left: number | undefined }[] = [];
  const begun = settledAt(0);
  for (; settledAt(now) < planned; now += STEP) {
    line.show({ settled: Math.floor(settledAt(now)), planned, open: 0, left: null });
    if (settledAt(now) - begun >= (planned - begun) / 10) told.push({ at: now, left: leftIn(line.text()) });
  }
  const errors = told.map(({ at, left }) => (Math.abs((left ?? Number.NaN) - (now - at)) - 1_000) / (now - at));
  return Math.max(...errors.filter((_, index) => (told[index]?.at ?? 0) < now - 4_000));
}

describe('The time left', () => {
  it('is right within a quarter from a tenth of the way on: steady, in bursts of timeouts, after a slow start', () => {
    const steady = (at: number): number => at;
    const bursts = (at: number): number => Math.floor(at / 1_250) * 1_250;
    const slowStart = (at: number): number => Math.max(0, at - 2_000);
    for (const settledAt of [steady, bursts, slowStart]) expect(worstError(60_000, settledAt)).toBeLessThan(0.25);
  });

  it('does not count what an earlier run had settled as work of this one', () => {
    expect(worstError(100_000, (at) => 70_000 + at)).toBeLessThan(0.25);
  });

  it('is not told while nothing is settled, and never negative', () => {
    let now = 0;
    const line = makeProgressLine(null, { now: () => millis(now) });
    for (; now < 30_000; now += STEP) line.show({ settled: 500, planned: 1_000, open: 0, left: null });
    expect(line.text()).toBe('50 %  0 open  500/1,000');
    line.show({ settled: 400, planned: 1_000, open: 0, left: null });
    now += STEP;
    expect(line.text()).not.toMatch(/left|-/);
  });
});
