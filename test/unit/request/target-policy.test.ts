import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf, type Span } from '../../../shared/domain/addresses/address-line.ts';
import { addressIndex, addressSet, singleAddress, spansOf } from '../../../shared/domain/addresses/address-set.ts';
import { LINK_LOCAL, LOOPBACK, NEVER, NOT_GLOBAL } from '../../../shared/domain/addresses/special-addresses.ts';
import type { ErrorValue } from '../../../shared/domain/errors.ts';
import { mergeIntervals } from '../../../shared/domain/intervals.ts';
import type { AddressRange, ResolvedName } from '../../../shared/domain/scan.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { type ParsedRequest, parseRequest } from '../../../shared/request/parse-request.ts';
import { parseTarget } from '../../../shared/request/parse-target.ts';
import {
  checkAddresses,
  checkTargets,
  DEPLOYED_POLICY,
  isLoopback,
  isNameInScope,
  LOCAL_POLICY,
  type Policy,
  prohibitions,
} from '../../../shared/request/target-policy.ts';
import { valid } from '../../helpers/valid.ts';

function spans(...texts: readonly string[]): Span[] {
  return mergeIntervals(
    texts.flatMap((text) => {
      const spec = valid(parseTarget(text, 'target'));
      return spec.kind === 'range' ? spec.spans : [];
    }),
  );
}
const ranges = (...texts: readonly string[]): AddressRange[] => spans(...texts).map(rangeOf);

const isForbidden = (policy: Policy, address: Address): boolean => prohibitions(policy)(address) !== undefined;

/** Checks a request whose names stand for those addresses. */
const check = (policy: Policy, request: ParsedRequest, resolved: readonly ResolvedName[] = []) =>
  checkTargets(
    policy,
    request,
    request.names.map(({ name, at }) => {
      const found = resolved.find((each) => each.name === name)?.addresses ?? [];
      return { name, at, spans: spansOf(found.map(singleAddress)) };
    }),
    request.excluded,
  );

/** Deployed by an owner who may scan everything that is left to scan. */
const WIDE_OPEN: Policy = { ...DEPLOYED_POLICY, scope: { ranges: ranges('0.0.0.0/0', '::/0'), names: [] } };
const SCOPED: Policy = {
  ...DEPLOYED_POLICY,
  scope: { ranges: ranges('8.8.8.0/24', '2600::/64'), names: ['example.com', '*.example.org'] },
};

const said = (errors: readonly ErrorValue[]) => errors.map(({ detail, hint }) => [detail, hint]);

describe('the policy of one machine', () => {
  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.0.1',
    '172.31.0.1',
    'fd00::1',
    'fe80::1%eth0',
    '8.8.8.8',
    '2600::1',
  ])('lets %s through', (address) => {
    expect(checkAddresses(LOCAL_POLICY, spans(address))).toEqual([]);
    expect(isForbidden(LOCAL_POLICY, address as Address)).toBe(false);
  });
});

const NEVER_SCANNED = [
  '0.0.0.0',
  '0.1.2.3',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '169.254.169.254',
  '169.254.170.2',
  'fd00:ec2::254',
  'ff02::1',
  '::',
  '::2',
  '::10.0.0.1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:0:a00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:a9fe:a9fe::1',
  '2001:0:1::1',
];

describe.each([
  ['one machine', LOCAL_POLICY],
  ['a deployment open to everything', WIDE_OPEN],
])('the policy of %s', (_, policy) => {
  it.each(NEVER_SCANNED)('never lets %s be scanned', (address) => {
    expect(checkAddresses(policy, spans(address)).map(({ code }) => code)).toEqual(['TARGET_FORBIDDEN']);
    expect(isForbidden(policy, address as Address)).toBe(true);
  });

  it('forbids both ends of each block that is never scanned', () => {
    for (const { cidr } of NEVER.filter((block) => block.cidr !== '::/96')) {
      for (const { first, last } of ranges(cidr)) {
        expect(isForbidden(policy, first)).toBe(true);
        expect(isForbidden(policy, last)).toBe(true);
      }
    }
  });
});

describe('the policy of a deployment', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    'fe80::1%eth0',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '100.64.0.1',
  ])('does not let %s through', (address) => {
    expect(checkAddresses(WIDE_OPEN, spans(address))).toHaveLength(1);
    expect(isForbidden(WIDE_OPEN, address as Address)).toBe(true);
  });

  it.each(['8.8.8.8', '126.255.255.255', '128.0.0.0', '172.32.0.0', '2600::1'])('lets %s through', (address) => {
    expect(checkAddresses(WIDE_OPEN, spans(address))).toEqual([]);
    expect(isForbidden(WIDE_OPEN, address as Address)).toBe(false);
  });

  it('lets private networks through when it was told to, and still nothing else', () => {
    const policy = { ...WIDE_OPEN, allowPrivate: true };
    expect(checkAddresses(policy, spans('10.0.0.0/8', '192.168.0.0/16', 'fd12::/16'))).toEqual([]);
    expect(checkAddresses(policy, spans('127.0.0.1'))).toHaveLength(1);
    expect(checkAddresses(policy, spans('fd00:ec2::254'))).toHaveLength(1);
  });

  it('has a block for each class, and no block in two classes', () => {
    const cidrs = [NEVER, LOOPBACK, LINK_LOCAL, NOT_GLOBAL].flat().map(({ cidr }) => cidr);
    expect(new Set(cidrs).size).toBe(cidrs.length);
    for (const { cidr, spans } of [NEVER, LOOPBACK, LINK_LOCAL, NOT_GLOBAL].flat()) {
      expect(spans.length, cidr).toBeGreaterThan(0);
    }
  });
});

describe('the scope of a deployment', () => {
  it('lets through what it lists, by address', () => {
    expect(checkAddresses(SCOPED, spans('8.8.8.0/25', '2600::5'))).toEqual([]);
    expect(isForbidden(SCOPED, '8.8.8.8' as Address)).toBe(false);
    expect(isForbidden(SCOPED, '8.8.9.8' as Address)).toBe(true);
  });

  it.each([
    ['example.com', true],
    ['EXAMPLE.com.', true],
    ['www.example.com', false],
    ['www.example.org', true],
    ['a.b.example.org', true],
    ['example.org', false],
    ['badexample.org', false],
    ['example.com.evil.net', false],
  ])('by the name %s: %s', (name, inScope) => {
    expect(checkAddresses(SCOPED, spans('9.9.9.9'), { name })).toHaveLength(inScope ? 0 : 1);
    expect(SCOPED.scope && isNameInScope(SCOPED.scope, name)).toBe(inScope);
  });

  it('does not let a listed name point at what is never scanned', () => {
    expect(checkAddresses(SCOPED, spans('169.254.169.254'), { name: 'example.com' })).toHaveLength(1);
    expect(prohibitions(SCOPED)('169.254.169.254' as Address)).toBe('forbidden');
  });

  it('that is empty refuses everything, with the words that hint it', () => {
    expect(said(checkAddresses(DEPLOYED_POLICY, spans('8.8.8.8'), { words: '"dns"' }))).toEqual([
      [
        '"dns" may not be scanned: the scope of this deployment is empty.',
        'List the networks and names that you may scan under "scope" in the cdk context, and deploy again.',
      ],
    ]);
  });

  it('says which part of a target lies outside', () => {
    expect(checkAddresses(SCOPED, spans('8.8.8.0/23')).map(({ detail }) => detail)).toEqual([
      '8.8.8.0-8.8.9.255 lies outside of the scope of this deployment with 8.8.9.0-8.8.9.255.',
    ]);
    expect(checkAddresses(SCOPED, spans('9.9.9.9')).map(({ detail }) => detail)).toEqual([
      '9.9.9.9 lies outside of the scope of this deployment.',
    ]);
  });
});

describe('a refusal', () => {
  it.each([
    ['::ffff:10.0.0.1', 'Write the IPv4 address: 10.0.0.1'],
    ['::10.0.0.1', 'Write the IPv4 address: 10.0.0.1'],
    ['64:ff9b::808:808', 'Write the IPv4 address: 8.8.8.8'],
    ['2002:808:404:1::1', 'Write the IPv4 address: 8.8.4.4'],
    ['::ffff:10.0.0.0/120', 'Write the IPv4 addresses.'],
    ['169.254.169.254', 'Remove it: such addresses are never scanned.'],
  ])('of %s says: %s', (target, hint) => {
    expect(checkAddresses(LOCAL_POLICY, spans(target)).map((error) => error.hint)).toEqual([hint]);
  });

  it('of a wide block names all that it may not take in, and excluding just that mends it', () => {
    const [refusal] = checkAddresses(LOCAL_POLICY, spans('0.0.0.0/0'));
    expect(refusal?.hint).toBe('Exclude them: 0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 255.255.255.255/32');
    const exclude = refusal?.hint.replace('Exclude them: ', '').split(' ') ?? [];
    const request = valid(parseRequest({ targets: ['0.0.0.0/0'], exclude }));
    expect(check(LOCAL_POLICY, request)).toEqual([]);
  });

  it('stands exactly where some address of the target is forbidden', () => {
    const edges = [...NEVER, ...LOOPBACK, ...LINK_LOCAL, ...NOT_GLOBAL].flatMap(({ cidr }) => ranges(cidr));
    const policy = fc.constantFrom(LOCAL_POLICY, WIDE_OPEN, { ...WIDE_OPEN, allowPrivate: true });
    const around = fc.tuple(fc.constantFrom(...edges), fc.boolean(), fc.integer({ min: -3, max: 3 }), fc.nat(3));
    fc.assert(
      fc.property(policy, around, (rules, [{ first, last }, atFirst, shift, more]) => {
        const everything = addressIndex(addressSet(ranges('0.0.0.0/0')));
        const edge = atFirst ? first : last;
        fc.pre(!edge.includes(':'));
        const start = edge.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) + shift;
        fc.pre(start >= 0 && start + more < everything.count);
        const addresses = Array.from({ length: more + 1 }, (_, offset) => everything.at(start + offset));
        const refused = checkAddresses(rules, spansOf(addresses.map(singleAddress))).length > 0;
        expect(refused).toBe(addresses.some((address) => isForbidden(rules, address)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the targets of a request', () => {
  const request = (targets: string[], more: { exclude?: string[]; family?: 4 | 6 } = {}) =>
    valid(parseRequest({ targets, ...more }));

  it('are refused one by one, each at its place', () => {
    const errors = check(LOCAL_POLICY, request(['10.0.0.1', '224.0.0.1', 'metadata.example', '0.0.0.0']), [
      { name: 'metadata.example', addresses: ['8.8.8.8', '169.254.169.254'] as Address[] },
    ]);
    expect(errors.map(({ at }) => at?.text)).toEqual(['224.0.0.1', '0.0.0.0', 'metadata.example']);
    expect(errors[2]?.detail).toBe(
      '"metadata.example" (169.254.169.254) is link-local, where clouds keep metadata and credentials (169.254.0.0/16).',
    );
  });

  it('are not refused for what is excluded, or of the other family', () => {
    expect(check(LOCAL_POLICY, request(['169.254.0.0/15'], { exclude: ['169.254.0.0/16'] }))).toEqual([]);
    const named = [{ name: 'host.example', addresses: ['10.0.0.1', 'ff02::1'] as Address[] }];
    expect(check(LOCAL_POLICY, request(['host.example'], { family: 4 }), named)).toEqual([]);
    expect(check(LOCAL_POLICY, request(['host.example'], { family: 6 }), named)).toHaveLength(1);
  });

  it('are in scope by their name, and only that name', () => {
    const names = ['www.example.org', 'other.example'].map((name) => ({ name, addresses: ['9.9.9.9'] as Address[] }));
    const errors = check(SCOPED, request(['www.example.org', 'other.example']), names);
    expect(errors.map(({ at }) => at?.text)).toEqual(['other.example']);
  });
});

describe('loopback', () => {
  it.each([
    [['127.0.0.1', '::1', '127.9.9.9'], true],
    [['127.0.0.0/8'], true],
    [['127.0.0.1', '10.0.0.1'], false],
    [['126.0.0.0/7'], false],
    [['::/127'], false],
  ])('of %j is %s', (targets, expected) => {
    expect(isLoopback(spans(...targets))).toBe(expected);
  });
});
