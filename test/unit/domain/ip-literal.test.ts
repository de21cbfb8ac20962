import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../../shared/domain/addresses/ip-literal.ts';

/** Text that is nearly an address: true ones with a few of their letters changed. */
const almost = (address: fc.Arbitrary<string>, letters: string) =>
  fc
    .tuple(address, fc.array(fc.tuple(fc.nat(50), fc.constantFrom(...letters, '')), { maxLength: 2 }))
    .map(([text, changes]) =>
      changes.reduce((changed, [at, letter]) => {
        const place = at % (changed.length + 1);
        return changed.slice(0, place) + letter + changed.slice(place + (at % 2));
      }, text),
    );

describe('IPv4 literals', () => {
  it('are read exactly where node:net takes them for IPv4', () => {
    fc.assert(
      fc.property(almost(fc.ipV4(), '0123456789.x -'), (text) => {
        expect(parseIpv4(text) !== undefined).toBe(isIPv4(text));
      }),
    );
  });

  it('are the number that their four octets make', () => {
    expect(parseIpv4('1.2.3.4')).toBe(0x01020304);
    expect(parseIpv4('255.255.255.255')).toBe(0xffffffff);
  });

  it('come back from their number as they went', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
      }),
    );
  });

  it.each(['010.0.0.1', '0x7f.0.0.1', '1.2.3', '127.1', '2130706433', '256.0.0.1', '1.2.3.4.5', '1.2.3.4 ', ''])(
    'are not %j, which other programs take for one',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );
});

describe('IPv6 literals', () => {
  it('are read exactly where node:net takes them for IPv6 without a zone', () => {
    fc.assert(
      fc.property(almost(fc.ipV6(), '0123456789abcdefg:.'), (text) => {
        expect(parseIpv6(text) !== undefined).toBe(isIPv6(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['1:2:3:4:5:6:7::', 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ['::2:3:4:5:6:7:8', 0x0000_0002_0003_0004_0005_0006_0007_0008n],
    ['::ffff:1.2.3.4', 0xffff_0102_0304n],
    ['64:FF9B::192.0.2.1', 0x0064_ff9b_0000_0000_0000_0000_c000_0201n],
  ])('%s is its number', (text, value) => {
    expect(parseIpv6(text)).toBe(value);
  });

  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    '::1%eth0',
    '::1/64',
    '::01234',
    '1.2.3.4::',
    '1:2:3:4:5:6:7',
  ])('%j is none', (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });

  it('are written as the URL standard writes them, which is RFC 5952 but for mapped addresses', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const text = groups.map((each) => each.toString(16)).join(':');
        const value = parseIpv6(text) ?? -1n;
        fc.pre(value >> 32n !== 0xffffn);
        expect(`[${formatIpv6(value)}]`).toBe(new URL(`http://[${text}]/`).hostname);
      }),
      { numRuns: 500 },
    );
  });

  it('show the IPv4 address that is mapped into them', () => {
    expect(formatIpv6(0xffff_0a00_0001n)).toBe('::ffff:10.0.0.1');
  });
});
