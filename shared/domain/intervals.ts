/**
 * Sets of whole numbers as lists of intervals: ports, the octets of an address, and addresses are all kept so.
 *
 * What comes in from a user is in any order and overlaps; `mergeIntervals` makes a merged list of it, and everything else
 * here takes and gives merged lists: sorted, disjoint, and without neighbours that touch. All of it is one walk along the
 * lists, or a binary search.
 */

/** A whole number. IPv6 needs more than the 53 bits of a number; one list may hold both, which compare by value. */
export type Point = number | bigint;

/** Both ends belong to the interval. */
export type Interval<P extends Point> = readonly [first: P, last: P];

const after = <P extends Point>(point: P): P => (typeof point === 'bigint' ? point + 1n : Number(point) + 1) as P;
const before = <P extends Point>(point: P): P => (typeof point === 'bigint' ? point - 1n : Number(point) - 1) as P;

const compareFirst = <P extends Point>(a: Interval<P>, b: Interval<P>): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;

function isSorted<P extends Point>(intervals: readonly Interval<P>[]): boolean {
  let previous = intervals[0];
  for (const each of intervals) {
    if (previous && compareFirst(each, previous) < 0) return false;
    previous = each;
  }
  return true;
}

/** The merged list of intervals in any order, however they overlap. Those that stay as they are, are not copied. */
export function mergeIntervals<P extends Point>(intervals: readonly Interval<P>[]): Interval<P>[] {
  const merged: Interval<P>[] = [];
  for (const each of isSorted(intervals) ? intervals : [...intervals].sort(compareFirst)) {
    const previous = merged.at(-1);
    if (!previous || each[0] > after(previous[1])) merged.push(each);
    else if (each[1] > previous[1]) merged[merged.length - 1] = [previous[0], each[1]];
  }
  return merged;
}

/** The index of the first interval of a merged list that does not end before `point`; the length where all do. */
function firstNotBefore<P extends Point>(intervals: readonly Interval<P>[], point: P): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const each = intervals[middle];
    if (each && each[1] < point) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Does a merged list hold the point? */
export function hasPoint<P extends Point>(intervals: readonly Interval<P>[], point: P): boolean {
  const found = intervals[firstNotBefore(intervals, point)];
  return found !== undefined && found[0] <= point;
}

/** Do a merged list and an interval have a point in common? */
export function overlapsInterval<P extends Point>(
  intervals: readonly Interval<P>[],
  [first, last]: Interval<P>,
): boolean {
  const found = intervals[firstNotBefore(intervals, first)];
  return found !== undefined && found[0] <= last;
}

/** What two merged lists have in common. */
export function intersectIntervals<P extends Point>(
  a: readonly Interval<P>[],
  b: readonly Interval<P>[],
): Interval<P>[] {
  const common: Interval<P>[] = [];
  let i = 0;
  let j = a[0] ? firstNotBefore(b, a[0][0]) : 0;
  for (let [left, right] = [a[i], b[j]]; left && right; [left, right] = [a[i], b[j]]) {
    const [first] = left[0] > right[0] ? left : right;
    const [, last] = left[1] < right[1] ? left : right;
    if (first <= last) common.push([first, last]);
    if (left[1] < right[1]) i++;
    else j++;
  }
  return common;
}

/** What is left of `from` without `away`, both merged. */
export function subtractIntervals<P extends Point>(
  from: readonly Interval<P>[],
  away: readonly Interval<P>[],
): Interval<P>[] {
  const left: Interval<P>[] = [];
  let next = from[0] ? firstNotBefore(away, from[0][0]) : 0;
  for (const each of from) {
    const [first, last] = each;
    let start = first;
    for (let gone = away[next]; gone && start <= last; gone = away[next]) {
      if (gone[1] < start) {
        next++;
        continue;
      }
      if (gone[0] > last) break;
      if (gone[0] > start) left.push([start, before(gone[0])]);
      start = after(gone[1]);
    }
    if (start === first) left.push(each);
    else if (start <= last) left.push([start, last]);
  }
  return left;
}

/** How many points a merged list holds; a bigint, because a /64 alone has 2⁶⁴. */
export const countPoints = (intervals: readonly Interval<Point>[]): bigint =>
  intervals.reduce((sum, [first, last]) => sum + BigInt(last) - BigInt(first) + 1n, 0n);
