import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../shared/domain/addresses/address-line.ts';
import { addressIndex, addressSet, countAddresses, formatRange } from '../../../shared/domain/addresses/address-set.ts';
import { formatIpv4, formatIpv6, parseIpv6 } from '../../../shared/domain/addresses/ip-literal.ts';
import { ERRORS } from '../../../shared/domain/errors.ts';
import { parseTarget } from '../../../shared/request/parse-target.ts';
import { blames, errorsOf, valid } from '../../helpers/valid.ts';

const parse = (text: string) => parseTarget(text, 'target');

function rangesOf(text: string) {
  const spec = valid(parse(text));
  return spec.kind === 'range' ? spec.spans.map(rangeOf) : expect.fail(`${text} was taken for a name`);
}

/** Every address of a target, one by one, in order. */
function enumerated(text: string): string[] {
  const index = addressIndex(addressSet(rangesOf(text)));
  return Array.from({ length: index.count }, (_, place) => index.at(place));
}

describe('a target', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.5/24', '10.0.0.0-10.0.0.255'],
    ['10.0.0.5/32', '10.0.0.5'],
    ['192.168.7.9/0', '0.0.0.0-255.255.255.255'],
    ['10.0.0.1-20', '10.0.0.1-10.0.0.20'],
    ['10.0.0.1-10.0.1.20', '10.0.0.1-10.0.1.20'],
    ['10.0.0.1,5,7', '10.0.0.1 10.0.0.5 10.0.0.7'],
    ['10.0.0.1,2,3-5', '10.0.0.1-10.0.0.5'],
    ['10.0.0-1.1-254', '10.0.0.1-10.0.0.254 10.0.1.1-10.0.1.254'],
    ['10.0.2-3.*', '10.0.2.0-10.0.3.255'],
    ['10.0.0.-', '10.0.0.0-10.0.0.255'],
    ['10.0.0.250-', '10.0.0.250-10.0.0.255'],
    ['10.0.0.-3', '10.0.0.0-10.0.0.3'],
    ['*.*.*.*', '0.0.0.0-255.255.255.255'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['2001:DB8::0001', '2001:db8::1'],
    ['2001:db8::5/64', '2001:db8::-2001:db8::ffff:ffff:ffff:ffff'],
    ['[2001:db8::5]/126', '2001:db8::4-2001:db8::7'],
    ['2001:db8::1-2001:db8::ff', '2001:db8::1-2001:db8::ff'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['[FE80::0001%br-lan.7]', 'fe80::1%br-lan.7'],
    ['fe80::5%2', 'fe80::5%2'],
    ['fe80::5%eth0/126', 'fe80::4%eth0-fe80::7%eth0'],
    ['fe80::1%br-lan-fe80::3%br-lan', 'fe80::1%br-lan-fe80::3%br-lan'],
  ])('%s means %s', (text, expected) => {
    expect(rangesOf(text).map(formatRange).join(' ')).toBe(expected);
  });

  it.each([
    ['example.com', 'example.com'],
    ['Example.COM', 'example.com'],
    ['localhost', 'localhost'],
    ['example.com.', 'example.com.'],
    ['my_service', 'my_service'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['пример.испытание', 'xn--e1afmkfd.xn--80akhbyknj4f'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['deadbeef', 'deadbeef'],
    ['1e100.net', '1e100.net'],
    ['10.0.0.1.example', '10.0.0.1.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('%s is the name %s', (text, name) => {
    expect(valid(parse(text))).toEqual({ kind: 'name', name });
  });

  it.each(['１２７.0.0.1', '0x7f．1', '١٢٧.0.0.1', 'ü..example'])('%s is no name of other letters', (text) => {
    expect(errorsOf(parse(text))).toMatchObject([{ code: 'TARGET_UNREADABLE', at: { text } }]);
  });

  it('of octet ranges means every address whose octets all fit', () => {
    const bound = fc.integer({ min: 0, max: 255 });
    const part = fc.oneof(
      bound.map((only) => ({ text: `${only}`, first: only, last: only })),
      fc.tuple(bound, fc.nat(4)).map(([first, more]) => {
        const last = Math.min(255, first + more);
        return { text: `${first}-${last}`, first, last };
      }),
    );
    const octet = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({
      text: parts.map(({ text }) => text).join(','),
      fits: (value: number) => parts.some(({ first, last }) => first <= value && value <= last),
    }));
    const values = Array.from({ length: 256 }, (_, value) => value);
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const [a = [], b = [], c = [], d = []] = octets.map(({ fits }) => values.filter(fits));
        fc.pre(a.length * b.length * c.length * d.length <= 3000);
        const expected = a.flatMap((w) => b.flatMap((x) => c.flatMap((y) => d.map((z) => `${w}.${x}.${y}.${z}`))));
        expect(enumerated(octets.map(({ text }) => text).join('.'))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('that is a block means exactly the addresses that share its leading bits', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 22, max: 32 }), (address, bits) => {
        const bitsOf = (text: string) =>
          text
            .split('.')
            .map((octet) => Number(octet).toString(2).padStart(8, '0'))
            .join('');
        const addresses = enumerated(`${address}/${bits}`);
        expect(addresses).toContain(address);
        expect(addresses).toHaveLength(2 ** (32 - bits));
        const prefixes = new Set(addresses.map((each) => bitsOf(each).slice(0, bits)));
        expect([...prefixes]).toEqual([bitsOf(address).slice(0, bits)]);
      }),
      { numRuns: 50 },
    );
  });

  it('that is an IPv6 block begins and ends where the host bits are all 0 and all 1', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, bits) => {
        const host = (1n << BigInt(128 - bits)) - 1n;
        const value = parseIpv6(address) ?? -1n;
        // A part of fe80::/10 is refused without a zone; all of it, and blocks around it, are not.
        fc.pre(bits <= 10 || value >> 118n !== 0xfe80n >> 6n);
        const ranges = rangesOf(`${address}/${bits}`);
        expect(ranges).toEqual([{ first: formatIpv6(value & ~host), last: formatIpv6(value | host) }]);
        expect(countAddresses(ranges)).toBe(host + 1n);
      }),
    );
  });

  it('that is a range from address to address means both and all between', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 500), fc.nat(400), (first, more) => {
        const text = `${formatIpv4(first)}-${formatIpv4(first + more)}`;
        const expected = Array.from({ length: more + 1 }, (_, offset) => formatIpv4(first + offset));
        expect(enumerated(text)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('may have 65,536 separate ranges and no more', () => {
    expect(rangesOf('10.0-255.0-255.1-254')).toHaveLength(65_536);
    expect(blames(parse('9-10.0-255.0-255.1-254'))[0]?.[2]).toBe('Write a CIDR block, and exclude what is not meant.');
  });

  it('never throws, is never a name that a resolver takes for an address, and its errors point into the text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789.-,/:*[]%@xafg ü'), maxLength: 24 });
    fc.assert(
      fc.property(text, (written) => {
        const result = parse(written);
        if (result.ok && result.value.kind === 'name') {
          expect(result.value.name).toMatch(/^(?=.*[a-z_])[a-z0-9._-]+$/);
          expect(result.value.name).not.toMatch(/^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?$/);
        }
        for (const { at } of result.ok ? [] : result.errors) {
          expect(at).toMatchObject({ field: 'target', text: written });
          expect(0 <= (at?.start ?? -1) && (at?.start ?? 0) <= (at?.end ?? -1)).toBe(true);
          expect(at?.end).toBeLessThanOrEqual(written.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const general = ERRORS.TARGET_UNREADABLE.hint;

describe('a target that cannot be read', () => {
  it.each([
    ['127.1', 'Some programs read it as 127.0.0.1: if that is meant, write so.'],
    ['1.2.3', 'Some programs read it as 1.2.0.3: if that is meant, write so.'],
    ['2130706433', 'Some programs read it as 127.0.0.1: if that is meant, write so.'],
    ['0x7f.1', 'Write "127.0.0.1", if that is meant.'],
    ['0x7f000001', 'Write "127.0.0.1", if that is meant.'],
    ['0x7f.0.0.0x1.', 'Write "127.0.0.1", if that is meant.'],
    ['99999999999', general],
    ['1.2.3.4.5', general],
    ['0x1.2.3.4.5', general],
  ])('is %s, an address that is not written out and yet no name', (text, hint) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', text, hint]]);
  });

  it.each([
    ['010.0.0.1', '010', 'Write 10, or 8 if octal is meant.'],
    ['10.0.0.09', '09', 'Write 9.'],
    ['10.0.0.256', '256', general],
    ['10.0.0.5-300', '5-300', general],
    ['10.0.0.20-1', '20-1', 'Did you mean "1-20"?'],
    ['10.0..1', '.', general],
    ['10.0.0.', '.', general],
    ['10.0.0.1,', ',', general],
    ['10.0.0.1--5', '1--5', general],
  ])('is %s, and the error is at %s', (text, place, hint) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', place, hint]]);
  });

  it('has one error for each of its octets that is wrong', () => {
    expect(blames(parse('256.1.300-2,7.08')).map(([, place]) => place)).toEqual(['256', '300-2', '08']);
  });

  it.each([
    ['10.0.0.0/33', '33', 'Write a number from 0 to 32.'],
    ['2001:db8::/129', '129', 'Write a number from 0 to 128.'],
    ['10.0.0.0/255.255.254.0', '255.255.254.0', 'Write "10.0.0.0/23".'],
    ['10.0.0.0/255.0.255.0', '255.0.255.0', 'Write a number from 0 to 32.'],
    ['10/8', '10/8', 'Write "10.0.0.0/8".'],
    ['172.16/12', '172.16/12', 'Write "172.16.0.0/12".'],
    ['example.com/24', 'example.com/24', general],
    ['example.com/path', 'example.com/path', 'Write the host alone: "example.com".'],
  ])('is the block %s', (text, place, hint) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', place, hint]]);
  });

  it.each([
    ['http://example.com/a?b', 'Write the host alone: "example.com".'],
    ['https://me:secret@example.com:8443', 'Write the host alone: "example.com".'],
    ['http://[::1]:80/', 'Write the host alone: "[::1]".'],
    ['root@example.com', 'Write the host alone: "example.com".'],
    ['example.com:443', 'Write the host alone: "example.com", and 443 among the ports.'],
    ['10.0.0.1:443', 'Write the host alone: "10.0.0.1", and 443 among the ports.'],
    ['[::1]:443', 'Write the host alone: "[::1]", and 443 among the ports.'],
  ])('is %s, which has more than a host', (text, hint) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', text, hint]]);
  });

  it.each([
    ['10.0.0.1,10.0.0.2', '10.0.0.1,10.0.0.2', 'Write them apart: 10.0.0.1 10.0.0.2'],
    ['a.example,b.example', ',', 'Write them apart: a.example b.example'],
    ['10.0.0.1–20', '–', 'Did you mean "10.0.0.1-20"?'],
    ['fe80::1', 'fe80::1', 'Write the interface of this machine with it, as in "fe80::1%eth0".'],
    ['[fe80::1]', '[fe80::1]', 'Write the interface of this machine with it, as in "fe80::1%eth0".'],
    ['fe80::/64', 'fe80::/64', 'Write the interface of this machine with it, as in "fe80::%eth0/64".'],
    [
      'febf::1-febf::9',
      'febf::1-febf::9',
      'Write the interface of this machine with it, as in "febf::1%eth0-febf::9%eth0".',
    ],
    ['2001:db8::1%eth0', '%eth0', 'Write the address alone.'],
    ['::ffff:10.0.0.1%eth0', '%eth0', 'Write the address alone.'],
    ['ff02::1%eth0', '%eth0', 'Write the address alone.'],
    ['fe80::1%', '%', 'Write one interface behind one address, as in "fe80::1%eth0".'],
    ['fe80::1%eth 0', '%eth 0', 'Write one interface behind one address, as in "fe80::1%eth0".'],
    [
      'fe80::1%an-interface-name',
      '%an-interface-name',
      'Write one interface behind one address, as in "fe80::1%eth0".',
    ],
    ['10.0.0.1%eth0', '%eth0', 'Write the address alone.'],
    ['fe80::1%eth0-fe80::9%eth1', 'fe80::1%eth0-fe80::9%eth1', general],
    ['fe80::9%eth0-fe80::1%eth0', 'fe80::9%eth0-fe80::1%eth0', 'Did you mean "fe80::1%eth0-fe80::9%eth0"?'],
    ['2001:db8::9-2001:db8::1', '2001:db8::9-2001:db8::1', 'Did you mean "2001:db8::1-2001:db8::9"?'],
    ['10.0.0.9-10.0.0.1', '10.0.0.9-10.0.0.1', 'Did you mean "10.0.0.1-10.0.0.9"?'],
    ['10.0.0.1-::1', '10.0.0.1-::1', general],
    ['1:2:3', '1:2:3', general],
    ['', '', general],
  ])('is %s', (text, place, hint) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', place, hint]]);
  });

  it.each([
    ['a..example', '.'],
    ['.example', '.'],
    ['-a.example', '-a'],
    ['a-.example', 'a-'],
    [`${'a'.repeat(64)}.example`, 'a'.repeat(64)],
    ['web!.example', '!'],
    ['host.123', '123'],
    ['host.0x1', '0x1'],
    [`${'abcdefg.'.repeat(32)}example`, 'abcdefg.'.repeat(20)],
  ])('is the name %s, and the error is at %s', (text, place) => {
    expect(blames(parse(text))).toEqual([['TARGET_UNREADABLE', place, general]]);
  });
});
