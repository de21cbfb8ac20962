import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressIndex,
  addressSet,
  canonicalAddress,
  countAddresses,
  formatRange,
  hasAddress,
  ofFamily,
  singleAddress,
  subtractAddresses,
} from '../../../shared/domain/addresses/address-set.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../../shared/domain/addresses/ip-literal.ts';
import type { AddressRange } from '../../../shared/domain/scan.ts';
import type { Address } from '../../../shared/domain/units.ts';

/**
 * A small world in the order of the sets, with all the edges there are: two stretches of IPv4, the second up to its end,
 * and two of IPv6, the first from its beginning on and the second over the boundary of 32 bits.
 */
const STRETCH = 12;
const stretch = (address: (offset: number) => string) =>
  Array.from({ length: STRETCH }, (_, offset) => address(offset));
const WORLD = [
  stretch((offset) => formatIpv4((parseIpv4('10.0.0.250') ?? 0) + offset)),
  stretch((offset) => formatIpv4((parseIpv4('255.255.255.255') ?? 0) - STRETCH + 1 + offset)),
  stretch((offset) => formatIpv6(BigInt(offset))),
  stretch((offset) => formatIpv6((parseIpv6('2001:db8::ffff:fffa') ?? 0n) + BigInt(offset))),
] as Address[][];
const EVERYONE = WORLD.flat();

const range = fc
  .tuple(fc.nat(WORLD.length - 1), fc.nat(STRETCH - 1), fc.nat(STRETCH - 1))
  .map(([where, a, b]): AddressRange => {
    const own = WORLD[where] ?? [];
    return { first: own[Math.min(a, b)] as Address, last: own[Math.max(a, b)] as Address };
  });
const ranges = fc.array(range, { maxLength: 8 });

/** The same, as slowly as possible. */
const listed = (all: readonly AddressRange[]): Address[] => {
  const places = all.map(({ first, last }) => [EVERYONE.indexOf(first), EVERYONE.indexOf(last)] as const);
  return EVERYONE.filter((_, place) => places.some(([first, last]) => first <= place && place <= last));
};
const indexed = (all: readonly AddressRange[]): Address[] => {
  const index = addressIndex(all);
  return Array.from({ length: index.count }, (_, place) => index.at(place));
};

describe('a set of addresses', () => {
  it('holds each address of its ranges once, IPv4 first and ascending', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        expect(indexed(addressSet(all))).toEqual(listed(all));
      }),
    );
  });

  it('has ranges that neither overlap nor touch, except where IPv4 ends', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const set = addressSet(all);
        for (const [place, { first }] of set.entries()) {
          const last = set[place - 1]?.last;
          if (last === undefined) continue;
          const gap = EVERYONE.indexOf(first) - EVERYONE.indexOf(last);
          const stretchBegins = EVERYONE.indexOf(first) % STRETCH === 0;
          expect(gap > 1 || (gap === 1 && stretchBegins)).toBe(true);
        }
      }),
    );
  });

  it('is the same whatever the order and however often its ranges are given', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        expect(addressSet([...a, ...b, ...a])).toEqual(addressSet([...b, ...a]));
        expect(addressSet(addressSet(a))).toEqual(addressSet(a));
      }),
    );
  });

  it('loses exactly what is subtracted', () => {
    fc.assert(
      fc.property(ranges, ranges, (from, away) => {
        const gone = new Set(listed(away));
        const left = subtractAddresses(from, away);
        expect(indexed(left)).toEqual(listed(from).filter((address) => !gone.has(address)));
        expect(addressSet([...left, ...away])).toEqual(addressSet([...from, ...away]));
        expect(subtractAddresses(left, away)).toEqual(left);
      }),
    );
  });

  it('is counted and asked for an address as it is listed', () => {
    fc.assert(
      fc.property(ranges, fc.constantFrom(...EVERYONE), (all, address) => {
        expect(countAddresses(all)).toBe(BigInt(listed(all).length));
        expect(hasAddress(all, address)).toBe(listed(all).includes(address));
      }),
    );
  });

  it('falls apart into its two families', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const [ipv4, ipv6] = [ofFamily(all, 4), ofFamily(all, 6)];
        expect(indexed(ipv4).every((address) => !address.includes(':'))).toBe(true);
        expect(indexed(ipv6).every((address) => address.includes(':'))).toBe(true);
        expect([...ipv4, ...ipv6]).toEqual(addressSet(all));
      }),
    );
  });

  it('may be as large as the address space, which it counts exactly', () => {
    const all = [
      { first: '0.0.0.0', last: '255.255.255.255' },
      { first: '::', last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
    ] as AddressRange[];
    expect(countAddresses(all)).toBe(2n ** 32n + 2n ** 128n);
    expect(addressSet(all)).toEqual(all);
    expect(subtractAddresses(all, all)).toEqual([]);
  });

  it('is looked up far inside a /64 without a rounding error', () => {
    const { at } = addressIndex([{ first: '2001:db8::', last: '2001:db8::ffff:ffff:ffff:ffff' } as AddressRange]);
    expect(at(2 ** 52 + 1)).toBe('2001:db8::10:0:0:1');
  });

  it('has no address before its first or after its last', () => {
    const { at, count } = addressIndex([{ first: '10.0.0.1', last: '10.0.0.2' } as AddressRange]);
    expect(count).toBe(2);
    expect(() => at(2)).toThrow('no address 2 in a set of 2');
    expect(() => at(-1)).toThrow(RangeError);
    expect(() => addressIndex([]).at(0)).toThrow(RangeError);
  });
});

describe('the canonical spelling of an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['::FFFF:102:304', '::ffff:1.2.3.4'],
    ['FE80:0::1%eth0', 'fe80::1%eth0'],
    ['febf:ffff::%abcdefghijklmno', 'febf:ffff::%abcdefghijklmno'],
  ])('of %s is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each(['example.com', '10.0.0', '2001:db8::1%eth0', 'fe80::1%', 'fe80::1%e/0', '10.0.0.0/8', '[::1]'])(
    'does not exist for %s',
    (text) => {
      expect(canonicalAddress(text)).toBeUndefined();
    },
  );

  it('keeps addresses of different zones apart, each zone behind all other addresses', () => {
    const words = ['fe80::1%eth1', 'fe80::1%eth0', 'ffff::1', 'fe80::2%eth0', '10.0.0.1', 'fe80::1'];
    const set = addressSet(words.map((each) => singleAddress(canonicalAddress(each) ?? expect.unreachable())));
    expect(set.map(formatRange)).toEqual([
      '10.0.0.1',
      'fe80::1',
      'ffff::1',
      'fe80::1%eth0-fe80::2%eth0',
      'fe80::1%eth1',
    ]);
    expect(ofFamily(set, 6)).toEqual(set.slice(1));
    expect(addressIndex(set).at(4)).toBe('fe80::2%eth0');
  });

  it('is what a range is shown in', () => {
    expect(formatRange({ first: '::1', last: '::1' } as AddressRange)).toBe('::1');
    expect(formatRange({ first: '10.0.0.1', last: '10.0.0.9' } as AddressRange)).toBe('10.0.0.1-10.0.0.9');
  });
});
