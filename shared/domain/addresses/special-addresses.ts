import { subtractIntervals } from '../intervals.ts';
import { EVERY_ZONED, readBlock, type Span, ZONELESS_LINK_LOCAL } from './address-line.ts';

/** A block of addresses that is special, under one name. */
export interface Block {
  readonly cidr: string;
  readonly what: string;
  readonly spans: readonly Span[];
  /** Every address of the block holds an IPv4 address, so many bits from its right end. */
  readonly ipv4At?: bigint;
}

function block(cidr: string, what: string, more: { but?: string; ipv4At?: bigint } = {}): Block {
  const span = (text: string): Span[] => {
    const read = readBlock(text);
    return read ? [read] : [];
  };
  const spans = more.but ? subtractIntervals(span(cidr), span(more.but)) : span(cidr);
  return { cidr, what, spans, ...(more.ipv4At !== undefined && { ipv4At: more.ipv4At }) };
}

/**
 * Never a target of anyone, whatever the policy. The blocks from ::/96 on are IPv6 spellings by which a router or a
 * kernel reaches an IPv4 address that no check has seen.
 */
export const NEVER: readonly Block[] = [
  block('0.0.0.0/8', 'the unspecified network'),
  block('169.254.0.0/16', 'link-local, where clouds keep metadata and credentials'),
  block('224.0.0.0/4', 'multicast'),
  block('255.255.255.255/32', 'broadcast'),
  block('fd00:ec2::/32', 'where AWS keeps metadata and credentials'),
  block('ff00::/8', 'multicast'),
  block('::/128', 'the unspecified address'),
  block('::/96', 'an IPv4 address in IPv6 form', { but: '::/127', ipv4At: 0n }),
  block('::ffff:0:0/96', 'an IPv4 address in IPv6 form', { ipv4At: 0n }),
  block('::ffff:0:0:0/96', 'an IPv4 address in IPv6 form', { ipv4At: 0n }),
  block('64:ff9b::/96', 'an IPv4 address behind a NAT64 gateway', { ipv4At: 0n }),
  block('64:ff9b:1::/48', 'an IPv4 address behind a NAT64 gateway'),
  block('2001::/32', 'an IPv4 host in a Teredo tunnel'),
  block('2002::/16', 'an IPv4 host in a 6to4 tunnel', { ipv4At: 80n }),
];

/** The machine that scans. In Lambda that is the runtime, whose next event a banner grab would steal. */
export const LOOPBACK: readonly Block[] = [block('127.0.0.0/8', 'loopback'), block('::1/128', 'loopback')];

/** With a zone or without. */
export const LINK_LOCAL: readonly Block[] = [
  { cidr: 'fe80::/10', what: 'link-local', spans: [ZONELESS_LINK_LOCAL, EVERY_ZONED] },
];

/** What the special-purpose registries of IANA (RFC 6890) call not globally reachable, the blocks above left out. */
export const NOT_GLOBAL: readonly Block[] = [
  block('10.0.0.0/8', 'private'),
  block('100.64.0.0/10', 'shared address space'),
  block('172.16.0.0/12', 'private'),
  block('192.0.0.0/24', 'reserved for protocols'),
  block('192.0.2.0/24', 'reserved for documentation'),
  block('192.88.99.0/24', 'a 6to4 relay'),
  block('192.168.0.0/16', 'private'),
  block('198.18.0.0/15', 'reserved for benchmarks'),
  block('198.51.100.0/24', 'reserved for documentation'),
  block('203.0.113.0/24', 'reserved for documentation'),
  block('240.0.0.0/4', 'reserved'),
  block('100::/64', 'discarded by routers'),
  block('100:0:0:1::/64', 'a dummy prefix'),
  block('2001:2::/48', 'reserved for benchmarks'),
  block('2001:10::/28', 'no address but a key (ORCHID)'),
  block('2001:db8::/32', 'reserved for documentation'),
  block('3fff::/20', 'reserved for documentation'),
  block('5f00::/16', 'segment routing'),
  block('fc00::/7', 'private (unique local)'),
  block('fec0::/10', 'private (site-local)'),
];
