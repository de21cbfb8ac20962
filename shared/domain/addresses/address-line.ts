import { type Interval, mergeIntervals, subtractIntervals } from '../intervals.ts';
import type { AddressRange } from '../scan.ts';
import type { Address } from '../units.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-literal.ts';

/*
 * Addresses as numbers. Every address there is stands on one line: IPv4 from 0, as numbers, IPv6 from 2³³ on, as bigints.
 * The gap of 2³² between the two keeps 255.255.255.255 from being a neighbour of ::, so that sets of both families can be
 * merged and cut as one (see `intervals`).
 *
 * A link-local address is one only together with its zone, the interface behind which it is (RFC 4007): "fe80::1%eth0".
 * Each zone has a stretch of the line for itself, behind all others; the bytes of its name are the number of the stretch.
 */

export type Family = 4 | 6;

/** An address as its number on the line. */
export type AddressPoint = number | bigint;

/** Addresses from the first to the last, both included. */
export type Span = Interval<AddressPoint>;

const IPV6_FROM = 2n ** 33n;

export const EVERY_IPV4: Span = [0, 2 ** 32 - 1];
/** A stretch is twice as long as IPv6, so that the last address of a zone is no neighbour of the next one's first. */
const STRETCH = 2n ** 129n;
const ZONES_FROM = STRETCH;
/** A name of an interface has 15 bytes at most (IFNAMSIZ). */
const LAST_POINT = ZONES_FROM + STRETCH * 2n ** 120n;

/** Every address that has a zone: link-local ones. */
export const EVERY_ZONED: Span = [ZONES_FROM, LAST_POINT];
export const EVERY_IPV6: Span = [IPV6_FROM, LAST_POINT];

/** Those that need a zone and have none (RFC 4291 section 2.5.6). */
export const ZONELESS_LINK_LOCAL: Span = [IPV6_FROM + (0xfe80n << 112n), IPV6_FROM + (0xfec0n << 112n) - 1n];

/** What is left out: a block around all link-local addresses, as ::/0, means them behind every interface. */
export const inEveryZone = (spans: readonly Span[]): readonly Span[] =>
  subtractIntervals([ZONELESS_LINK_LOCAL], spans).length === 0 ? mergeIntervals([...spans, EVERY_ZONED]) : spans;

/** The number of the address that `text` spells, in any spelling; undefined where it spells none. */
export function readPoint(text: string): AddressPoint | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return ipv4;
  const [, address = text, zone] = (text.includes('%') && /^([^%]*)%([\w.@-]{1,15})$/.exec(text)) || [];
  const ipv6 = parseIpv6(address);
  if (ipv6 === undefined) return undefined;
  if (zone === undefined) return IPV6_FROM + ipv6;
  // On others a zone means nothing, and the rules for them must hold.
  return isWithin(IPV6_FROM + ipv6, ZONELESS_LINK_LOCAL) ? stretchOf(zone) + ipv6 : undefined;
}

const isWithin = (point: bigint, [first, last]: Span): boolean => point >= first && point <= last;

function stretchOf(zone: string): bigint {
  let digits = '0x';
  for (let at = 0; at < zone.length; at++) digits += zone.charCodeAt(at).toString(16).padStart(2, '0');
  return ZONES_FROM + STRETCH * BigInt(digits);
}

/** The name of the zone with that number. */
function zoneName(number: bigint): string {
  let name = '';
  for (let left = number; left > 0n; left /= 256n) name = String.fromCharCode(Number(left % 256n)) + name;
  return name;
}

/** Where the addresses begin among which this one is: those without a zone, or those of its own. */
const beginOf = (point: bigint): bigint => (point < ZONES_FROM ? IPV6_FROM : (point / STRETCH) * STRETCH);

/** "eth0", of "fe80::1%eth0". */
export const zoneOf = (address: Address): string | undefined => /%(.*)$/.exec(address)?.[1];

/** The number of an address. */
export function pointOf(address: Address): AddressPoint {
  const point = readPoint(address);
  if (point === undefined) throw new RangeError(`not an address: ${address}`);
  return point;
}

/** The address with that number, in its canonical spelling. */
export const addressAt = (point: AddressPoint): Address =>
  (typeof point === 'number' ? formatIpv4(point) : ipv6At(point)) as Address;

function ipv6At(point: bigint): string {
  const begin = beginOf(point);
  const zone = begin === IPV6_FROM ? '' : `%${zoneName((begin - ZONES_FROM) / STRETCH)}`;
  return `${formatIpv6(point - begin)}${zone}`;
}

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
  const begin = beginOf(point);
  const first = begin + ((point - begin) / size) * size;
  return [first, first + size - 1n];
}

/** The span of a CIDR block, which may have host bits set; undefined where `text` is none. */
export function readBlock(text: string): Span | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const point = readPoint(address);
  if (point === undefined || Number(bits) > (familyOf(point) === 4 ? 32 : 128)) return undefined;
  return blockAround(point, Number(bits));
}
