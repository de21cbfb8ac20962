import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countPoints,
  hasPoint,
  type Interval,
  intersectIntervals,
  mergeIntervals,
  type Point,
  subtractIntervals,
} from '../../../shared/domain/intervals.ts';

/** A small line, its lower half numbers and its upper half bigints, as addresses are. */
const LINE: readonly Point[] = Array.from({ length: 24 }, (_, at) => (at < 12 ? at : BigInt(at + 100)));

const interval = fc
  .tuple(fc.constantFrom(0, 12), fc.nat(11), fc.nat(11))
  .map(([half, a, b]): Interval<Point> => [LINE[half + Math.min(a, b)] as Point, LINE[half + Math.max(a, b)] as Point]);
const intervals = fc.array(interval, { maxLength: 8 });

/** The same, as slowly as possible. */
const listed = (all: readonly Interval<Point>[]): Point[] =>
  LINE.filter((point) => all.some(([first, last]) => first <= point && point <= last));

/** The one way in which points can be written as a merged list. */
const isMerged = (all: readonly Interval<Point>[]): boolean =>
  all.every(([first], index) => index === 0 || BigInt(first) > BigInt(all[index - 1]?.[1] ?? 0) + 1n);

describe('lists of intervals', () => {
  it('merge into sorted, disjoint ones that do not touch', () => {
    fc.assert(
      fc.property(intervals, (all) => {
        const merged = mergeIntervals(all);
        expect(isMerged(merged)).toBe(true);
        expect(listed(merged)).toEqual(listed(all));
        expect(countPoints(merged)).toBe(BigInt(listed(all).length));
      }),
    );
  });

  it('intersect and subtract as the sets that they are', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const [left, right] = [mergeIntervals(a), mergeIntervals(b)];
        const [common, rest] = [intersectIntervals(left, right), subtractIntervals(left, right)];
        expect(listed(common)).toEqual(listed(a).filter((point) => listed(b).includes(point)));
        expect(listed(rest)).toEqual(listed(a).filter((point) => !listed(b).includes(point)));
        expect(isMerged(common) && isMerged(rest)).toBe(true);
      }),
    );
  });

  it('hold exactly the points between the ends of one of them', () => {
    fc.assert(
      fc.property(intervals, fc.constantFrom(...LINE), (all, point) => {
        expect(hasPoint(mergeIntervals(all), point)).toBe(listed(all).includes(point));
      }),
    );
  });

  it('leave their arguments as they were', () => {
    const all: Interval<number>[] = [
      [5, 6],
      [1, 5],
    ];
    mergeIntervals(all);
    expect(all).toEqual([
      [5, 6],
      [1, 5],
    ]);
  });
});
