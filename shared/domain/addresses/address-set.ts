import { countPoints, hasPoint, intersectIntervals, mergeIntervals, subtractIntervals } from '../intervals.ts';
import type { AddressRange } from '../scan.ts';
import type { Address } from '../units.ts';
import {
  addressAt,
  EVERY_IPV4,
  EVERY_IPV6,
  type Family,
  pointOf,
  rangeOf,
  readPoint,
  type Span,
  spanOf,
} from './address-line.ts';

/** Sorted (IPv4 first), disjoint ranges that do not touch: the form in which a plan keeps its addresses. */
export type AddressSet = readonly AddressRange[];

/** The ranges as a merged list of spans, to calculate with. */
export const spansOf = (ranges: readonly AddressRange[]): Span[] => mergeIntervals(ranges.map(spanOf));

/** Those of a merged list that are of one family. */
export const spansOfFamily = (spans: readonly Span[], family: Family): Span[] =>
  intersectIntervals(spans, [family === 4 ? EVERY_IPV4 : EVERY_IPV6]);

/** The address that `text` spells, canonical; undefined where it is none. A zone ("%eth0") is part of a link-local one. */
export function canonicalAddress(text: string): Address | undefined {
  const point = readPoint(text);
  return point === undefined ? undefined : addressAt(point);
}

/** The range of one address. */
export const singleAddress = (address: Address): AddressRange => ({ first: address, last: address });

/** The set of all those ranges, in whatever order and however they overlap. */
export const addressSet = (ranges: readonly AddressRange[]): AddressSet => spansOf(ranges).map(rangeOf);

/** The addresses of `from` that are not in `away`. */
export const subtractAddresses = (from: readonly AddressRange[], away: readonly AddressRange[]): AddressSet =>
  subtractIntervals(spansOf(from), spansOf(away)).map(rangeOf);

/** The addresses of that family alone. */
export const ofFamily = (ranges: readonly AddressRange[], family: Family): AddressSet =>
  spansOfFamily(spansOf(ranges), family).map(rangeOf);

/** How many addresses, each counted once. A bigint, because a /64 alone has 2⁶⁴. */
export const countAddresses = (ranges: readonly AddressRange[]): bigint => countPoints(spansOf(ranges));

/** "10.0.0.1", or "10.0.0.1-10.0.0.9". */
export const formatRange = ({ first, last }: AddressRange): string => (first === last ? first : `${first}-${last}`);

export const hasAddress = (ranges: readonly AddressRange[], address: Address): boolean =>
  hasPoint(spansOf(ranges), pointOf(address));

/** A set made ready for looking up its addresses by number. */
export interface AddressIndex {
  /** How many addresses; exact up to 2⁵³, far beyond what one scan may have. */
  readonly count: number;
  /** The address with that number, from 0, in the order of the set. */
  at(index: number): Address;
}

/** Makes `set` ready once, so that `at` costs a binary search and one conversion. */
export function addressIndex(set: AddressSet): AddressIndex {
  const spans = set.map(spanOf);
  const starts = new Float64Array(spans.length);
  let count = 0;
  for (const [index, [first, last]] of spans.entries()) {
    starts[index] = count;
    count += Number(countPoints([[first, last]]));
  }
  const at = (index: number): Address => {
    if (!(index >= 0 && index < count)) throw new RangeError(`no address ${index} in a set of ${count}`);
    const range = lastAtMost(starts, index);
    const offset = index - (starts[range] ?? 0);
    const first = spans[range]?.[0] ?? 0;
    return addressAt(typeof first === 'number' ? first + offset : first + BigInt(offset));
  };
  return { count, at };
}

/** The place of the last of the ascending numbers that is not above `value`; the first number must not be. */
function lastAtMost(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
