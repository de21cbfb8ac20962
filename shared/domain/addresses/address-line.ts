import type { AddressRange } from '../scan.ts';
import type { Address } from '../units.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-literal.ts';

/**
 * Every address there is on one line of numbers: IPv4 from 0, IPv6 from 2³³ on. The gap of 2³² between the two keeps
 * 255.255.255.255 from being a neighbour of ::, so that sets of both families can be merged and cut as one.
 */
export type Family = 4 | 6;

const IPV6_FROM = 2n ** 33n;

/** Both ends belong to the span. */
export type Span = readonly [first: bigint, last: bigint];

export const EVERY_IPV4: Span = [0n, 2n ** 32n - 1n];
export const EVERY_IPV6: Span = [IPV6_FROM, IPV6_FROM + 2n ** 128n - 1n];

/** The place on the line of the address that `text` spells, in any spelling; undefined where it spells none. */
export function readPlace(text: string): bigint | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return BigInt(ipv4);
  const ipv6 = parseIpv6(text);
  return ipv6 === undefined ? undefined : IPV6_FROM + ipv6;
}

/** The place on the line of an address. */
export function placeOf(address: Address): bigint {
  const place = readPlace(address);
  if (place === undefined) throw new RangeError(`not an address: ${address}`);
  return place;
}

/** The address at a place on the line, in its canonical spelling. */
export function addressAtPlace(place: bigint): Address {
  return (place < IPV6_FROM ? formatIpv4(Number(place)) : formatIpv6(place - IPV6_FROM)) as Address;
}

/** The order of addresses in a plan: negative where `a` comes first. */
export function compareAddresses(a: Address, b: Address): number {
  const [left, right] = [placeOf(a), placeOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export const familyAt = (place: bigint): Family => (place < IPV6_FROM ? 4 : 6);

export const spanOf = ({ first, last }: AddressRange): Span => [placeOf(first), placeOf(last)];
export const rangeOf = ([first, last]: Span): AddressRange => ({
  first: addressAtPlace(first),
  last: addressAtPlace(last),
});

/** The block of `bits` leading bits around a place: the whole of it, whatever the host bits were. */
export function blockAround(place: bigint, bits: number): Span {
  const [start, width] = familyAt(place) === 4 ? [0n, 32] : [IPV6_FROM, 128];
  const size = 1n << BigInt(width - bits);
  const first = start + ((place - start) / size) * size;
  return [first, first + size - 1n];
}

/** The span of a CIDR block, which may have host bits set; undefined where `text` is none. */
export function readBlock(text: string): Span | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const place = readPlace(address);
  if (place === undefined || Number(bits) > (familyAt(place) === 4 ? 32 : 128)) return undefined;
  return blockAround(place, Number(bits));
}

const byFirst = (a: Span, b: Span): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** The same places as sorted, disjoint spans that do not touch. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: [bigint, bigint][] = [];
  for (const [first, last] of [...spans].sort(byFirst)) {
    const previous = merged.at(-1);
    if (!previous || first > previous[1] + 1n) merged.push([first, last]);
    else if (last > previous[1]) previous[1] = last;
  }
  return merged;
}

/** What two spans have in common, if anything. */
function overlap(a: Span, b: Span): Span | undefined {
  const startsLater = a[0] > b[0] ? a : b;
  const endsSooner = a[1] < b[1] ? a : b;
  return startsLater[0] <= endsSooner[1] ? [startsLater[0], endsSooner[1]] : undefined;
}

/** What is in both. Both lists are merged; so is the result. One walk along the line. */
export function intersectSpans(a: readonly Span[], b: readonly Span[]): Span[] {
  const common: Span[] = [];
  let [i, j] = [0, 0];
  for (let [left, right] = [a[i], b[j]]; left && right; [left, right] = [a[i], b[j]]) {
    const both = overlap(left, right);
    if (both) common.push(both);
    if (left[1] < right[1]) i++;
    else j++;
  }
  return common;
}

/** What is left of `from` without `away`: what it has in common with the gaps of `away`. Both lists are merged. */
export function subtractSpans(from: readonly Span[], away: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let next = 0n;
  for (const [first, last] of away) {
    if (first > next) gaps.push([next, first - 1n]);
    next = last + 1n;
  }
  gaps.push([next, EVERY_IPV6[1]]);
  return intersectSpans(from, gaps);
}

export const countSpans = (spans: readonly Span[]): bigint =>
  spans.reduce((sum, [first, last]) => sum + (last - first + 1n), 0n);
