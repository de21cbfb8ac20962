import {
  type AddressPoint,
  familyOf,
  readBlock,
  readPoint,
  type Span,
  ZONELESS_LINK_LOCAL,
} from '../domain/addresses/address-line.ts';
import { MOST_ERRORS } from '../domain/error-list.ts';
import { quoted } from '../domain/excerpt.ts';
import { overlapsInterval, subtractIntervals } from '../domain/intervals.ts';
import { ok, type Result } from '../domain/result.ts';
import type { InventoryFilter } from '../seams/account-inventory.ts';
import { parseHostName } from './host-name.ts';
import { isInventoryTarget, parseInventoryTarget } from './inventory-target.ts';
import { ANY_RANGES, parseOctets, type RangeBudget } from './octet-ranges.ts';
import { type Complaint, type TargetText, unreadable, withoutDecoration } from './target-text.ts';

/** What one word of the user names: addresses, a host name that is yet to be resolved, or what the account has. */
export type TargetSpec =
  | { readonly kind: 'range'; readonly spans: readonly Span[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'inventory'; readonly filter: InventoryFilter };

/**
 * The target that `text` means: a host name, an address of either family (in brackets or not; link-local ones with the
 * interface behind which they are: "fe80::1%eth0"), a CIDR block (of which
 * the whole is meant, also with host bits set), "10.0.0.1-20", "10.0.0-3.1-254", "10.0.0.1,5,7" or
 * "10.0.0.1-10.0.1.20". Only the strict spellings of addresses are read: those that some programs take for octal, hex
 * or short forms (010.0.0.1, 0x7f.1, 127.1, 2130706433) are refused and never taken for names. `budget` says
 * how many separate ranges it may come to, `before` how many errors the same request has already. Error: TARGET_UNREADABLE.
 */
export function parseTarget(
  text: string,
  field: string,
  budget: RangeBudget = ANY_RANGES,
  before = 0,
): Result<TargetSpec> {
  const target = { text, field, isOnlyCounted: before >= MOST_ERRORS };
  if (isInventoryTarget(text)) {
    const filter = parseInventoryTarget(target);
    return filter.ok ? ok({ kind: 'inventory', filter: filter.value }) : filter;
  }
  const address = readPoint(text);
  if (address !== undefined) return ofAddress(target, address);
  const bare = text.replace(/^\[([^[\]]*)\](\/\d+)?$/, '$1$2');
  const place = readPoint(bare);
  if (place !== undefined) return ofAddress(target, place);
  const undecorated = withoutDecoration(text);
  if (undecorated) return unreadable(target, undecorated.detail, { hint: undecorated.hint });
  if (bare.includes('%')) return zoned(target, bare);
  if (bare.includes('/')) return parseBlock(target, bare);
  if (bare.includes(':')) return parseIpv6Range(target, bare);
  if (/^[\d.,*-]+$/.test(bare)) return parseIpv4Form(target, bare, budget);
  return parseHostName(target);
}

const ofAddress = (target: TargetText, point: AddressPoint): Result<TargetSpec> =>
  typeof point === 'number' ? ofSpans([[point, point]]) : ofIpv6(target, [point, point]);

const ofSpans = (spans: readonly Span[]): Result<TargetSpec> => ok({ kind: 'range', spans });

/** IPv6, where link-local addresses need a zone. A block around all of them, as ::/0, is none of them in particular. */
function ofIpv6(target: TargetText, span: Span): Result<TargetSpec> {
  if (!overlapsInterval([ZONELESS_LINK_LOCAL], span)) return ofSpans([span]);
  if (subtractIntervals([ZONELESS_LINK_LOCAL], [span]).length === 0) return ofSpans([span]);
  const bare = target.text.replace(/^\[([^[\]]*)\]/, '$1');
  const example = bare.replace(/^[^/-]+/, '$&%eth0').replace(/-[^/-]+$/, '$&%eth0');
  return unreadable(
    target,
    `${quoted(target.text)} is link-local: it says nothing without the interface it is behind.`,
    {
      hint: `Write the interface of this machine with it, as in ${quoted(example)}.`,
    },
  );
}

/** A "%" that `readPoint` has not taken for the zone of a link-local address. */
function zoned(target: TargetText, bare: string): Result<TargetSpec> {
  const block = bare.includes('/') ? readBlock(bare) : undefined;
  if (block) return ofSpans([block]);
  // A name of an interface may have dashes of its own.
  for (let dash = bare.indexOf('-'); dash > 0; dash = bare.indexOf('-', dash + 1)) {
    const range = parseAddressRange(target, bare.slice(0, dash), bare.slice(dash + 1));
    if (range) return range;
  }
  const zone = target.text.indexOf('%');
  const part = [zone, target.text.length] as const;
  const plain = readPoint(bare.slice(0, bare.indexOf('%')));
  if (plain !== undefined && !overlapsInterval([ZONELESS_LINK_LOCAL], [plain, plain])) {
    const detail = `${quoted(target.text.slice(zone))} names a network interface, which only link-local addresses (fe80::/10) have.`;
    return unreadable(target, detail, { part, hint: 'Write the address alone.' });
  }
  const detail = `${quoted(target.text.slice(zone))} is no network interface.`;
  return unreadable(target, detail, { part, hint: 'Write one interface behind one address, as in "fe80::1%eth0".' });
}

function parseBlock(target: TargetText, bare: string): Result<TargetSpec> {
  const block = readBlock(bare);
  if (block) return typeof block[0] === 'number' ? ofSpans([block]) : ofIpv6(target, block);
  const slash = bare.lastIndexOf('/');
  const [address, bits] = [bare.slice(0, slash), bare.slice(slash + 1)];
  const place = readPoint(address);
  const mask = readPoint(bits);
  if (place === undefined) return unreadable(target, ...notABlock(target.text, address, bits));
  const widest = familyOf(place) === 4 ? 32 : 128;
  const prefix = typeof mask === 'number' ? prefixOfMask(mask) : undefined;
  const hint = prefix === undefined ? `Write a number from 0 to ${widest}.` : `Write "${address}/${prefix}".`;
  const start = target.text.lastIndexOf('/') + 1;
  return unreadable(target, `${quoted(`/${bits}`)} is no prefix length.`, { hint, part: [start, target.text.length] });
}

function notABlock(text: string, address: string, bits: string): [detail: string, complaint: Complaint] {
  const isNumber = /^\d{1,3}$/.test(bits);
  if (!isNumber)
    return [
      `${quoted(text)} has a path with it.`,
      { hint: `Write the host alone: ${quoted(text.replace(/\/.*$/, ''))}.` },
    ];
  const padded = [...address.split('.'), '0', '0', '0'].slice(0, 4).join('.');
  const hint = readPoint(padded) === undefined ? undefined : `Write "${padded}/${bits}".`;
  return [`${quoted(address)} is no address, and only addresses have blocks.`, { hint }];
}

/** How many leading ones a netmask has, 255.255.255.0 for 24; undefined where they are not all in front. */
function prefixOfMask(mask: number): number | undefined {
  const bits = mask.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.replace(/0/g, '').length : undefined;
}

/** "first-last", both of them addresses. */
function parseAddressRange(target: TargetText, first: string, last: string): Result<TargetSpec> | undefined {
  const [from, to] = [first, last].map((end) => readPoint(end.replace(/^\[(.*)\]$/, '$1')));
  if (from === undefined || to === undefined) return undefined;
  if (familyOf(from) !== familyOf(to))
    return unreadable(target, `${quoted(target.text)} goes from one family to the other.`);
  const zones = [first, last].map((end) => end.replace(/^[^%]*/, ''));
  if (zones[0] !== zones[1]) return unreadable(target, `${quoted(target.text)} goes from one interface to another.`);
  if (from > to) {
    return unreadable(target, `${quoted(target.text)} ends before it starts.`, {
      hint: `Did you mean "${last}-${first}"?`,
    });
  }
  return typeof from === 'number' ? ofSpans([[from, to]]) : ofIpv6(target, [from, to]);
}

function parseIpv6Range(target: TargetText, bare: string): Result<TargetSpec> {
  const dash = bare.indexOf('-');
  const range = dash < 0 ? undefined : parseAddressRange(target, bare.slice(0, dash), bare.slice(dash + 1));
  return range ?? unreadable(target, `${quoted(target.text)} is no IPv6 address.`);
}

/** Digits, dots, dashes, commas and stars: an IPv4 form or nothing, but never a name. */
function parseIpv4Form(target: TargetText, bare: string, budget: RangeBudget): Result<TargetSpec> {
  const [first = '', last] = bare.split('-');
  const range = last === undefined ? undefined : parseAddressRange(target, first, bare.slice(first.length + 1));
  if (range) return range;
  const octets = parseOctets(target, bare, budget);
  return octets.ok ? ofSpans(octets.value) : octets;
}
