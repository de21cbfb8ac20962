import type { Interval } from '../intervals.ts';
import type { AddressRange } from '../scan.ts';
import type { Address } from '../units.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-literal.ts';

/*
 * Addresses as numbers. Every address there is stands on one line: IPv4 from 0, as numbers, IPv6 from 2³³ on, as bigints.
 * The gap of 2³² between the two keeps 255.255.255.255 from being a neighbour of ::, so that sets of both families can be
 * merged and cut as one (see `intervals`).
 */

export type Family = 4 | 6;

/** An address as its number on the line. */
export type AddressPoint = number | bigint;

/** Addresses from the first to the last, both included. */
export type Span = Interval<AddressPoint>;

const IPV6_FROM = 2n ** 33n;

export const EVERY_IPV4: Span = [0, 2 ** 32 - 1];
export const EVERY_IPV6: Span = [IPV6_FROM, IPV6_FROM + 2n ** 128n - 1n];

/** The number of the address that `text` spells, in any spelling; undefined where it spells none. */
export function readPoint(text: string): AddressPoint | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return ipv4;
  const ipv6 = parseIpv6(text);
  return ipv6 === undefined ? undefined : IPV6_FROM + ipv6;
}

/** The number of an address. */
export function pointOf(address: Address): AddressPoint {
  const point = readPoint(address);
  if (point === undefined) throw new RangeError(`not an address: ${address}`);
  return point;
}

/** The address with that number, in its canonical spelling. */
export const addressAt = (point: AddressPoint): Address =>
  (typeof point === 'number' ? formatIpv4(point) : formatIpv6(point - IPV6_FROM)) as Address;

/** The order of addresses in a plan: negative where `a` comes first. */
export function compareAddresses(a: Address, b: Address): number {
  const [left, right] = [pointOf(a), pointOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export const familyOf = (point: AddressPoint): Family => (typeof point === 'number' ? 4 : 6);

export function spanOf({ first, last }: AddressRange): Span {
  const start = pointOf(first);
  return [start, first === last ? start : pointOf(last)];
}

export function rangeOf([first, last]: Span): AddressRange {
  const start = addressAt(first);
  return { first: start, last: first === last ? start : addressAt(last) };
}

/** The block of `bits` leading bits around an address: the whole of it, whatever the host bits were. */
function blockAround(point: AddressPoint, bits: number): Span {
  if (typeof point === 'number') {
    const size = 2 ** (32 - bits);
    const first = Math.floor(point / size) * size;
    return [first, first + size - 1];
  }
  const size = 1n << BigInt(128 - bits);
  const first = IPV6_FROM + ((point - IPV6_FROM) / size) * size;
  return [first, first + size - 1n];
}

/** The span of a CIDR block, which may have host bits set; undefined where `text` is none. */
export function readBlock(text: string): Span | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const point = readPoint(address);
  if (point === undefined || Number(bits) > (familyOf(point) === 4 ? 32 : 128)) return undefined;
  return blockAround(point, Number(bits));
}
