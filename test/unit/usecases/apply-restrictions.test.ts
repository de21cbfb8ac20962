import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../shared/domain/chunk.ts';
import { runsOf } from '../../../shared/domain/coverage.ts';
import { portsInRow } from '../../../shared/domain/port-list.ts';
import { type Address, chunkNumber, type PortNumber } from '../../../shared/domain/units.ts';
import { DUAL_STACK_EGRESS, LAMBDA_EGRESS, OPEN_EGRESS } from '../../../shared/request/egress-restrictions.ts';
import { DEPLOYED_POLICY, LOCAL_POLICY, type Policy } from '../../../shared/request/target-policy.ts';
import type { Resolver } from '../../../shared/seams/resolver.ts';
import { applyRestrictions, type Restrictions } from '../../../shared/usecases/apply-restrictions.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

/** Addresses nobody asks: this is arithmetic. */
const [LISTED, NAMED, OTHER] = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as Address[] as [Address, Address, Address];

const chunkOf = (addresses: readonly Address[], ports: readonly [protocol: 'tcp' | 'udp', port: number][]): Chunk => ({
  number: chunkNumber(0),
  addresses,
  ports: portsInRow(ports.map(([protocol, port]) => ({ protocol, port: port as PortNumber }))),
  size: addresses.length * ports.length,
  lane: 0,
});

/** What the plan says of names, which whoever can write to the table may have made up. */
const NAMES = [
  { name: 'www.example.com', addresses: [NAMED] },
  { name: 'forged.example.com', addresses: [OTHER] },
];

/** What the resolver of the worker says of them. */
const resolver: Resolver = { resolve: async (name) => (name === 'www.example.com' ? [NAMED] : [LISTED]) };

async function ruledOut(chunk: Chunk, policy: Policy, more: Partial<Restrictions> = {}): Promise<unknown> {
  const codes = new Uint8Array(chunk.size);
  await applyRestrictions({ ...sampleScan(), names: NAMES }, chunk, codes, { policy, egress: OPEN_EGRESS, ...more });
  return runsOf(codes);
}

describe('A worker leaves unasked', () => {
  it('what its egress does not let out: TCP port 25 from a function, and no other', async () => {
    const chunk = chunkOf(
      [LISTED, OTHER],
      [
        ['tcp', 24],
        ['tcp', 25],
        ['tcp', 26],
        ['udp', 25],
      ],
    );
    const one = [
      [1, 'pending'],
      [1, 'unprobed/blocked-by-egress'],
    ];
    expect(await ruledOut(chunk, LOCAL_POLICY, { egress: LAMBDA_EGRESS })).toEqual([
      ...one,
      [3, 'pending'],
      [1, 'unprobed/blocked-by-egress'],
      [2, 'pending'],
    ]);
  });

  const scope = { ranges: [{ first: LISTED, last: LISTED }], names: ['*.example.com'] };
  const scoped: Policy = { ...DEPLOYED_POLICY, scope };

  it('every IPv6 address, where a function outside of a VPC has no way to one', async () => {
    const [v4, v6] = ['1.1.1.1', '2606:4700:4700::1111'] as Address[] as [Address, Address];
    const chunk = chunkOf(
      [v4, v6],
      [
        ['tcp', 80],
        ['udp', 53],
      ],
    );
    expect(await ruledOut(chunk, LOCAL_POLICY, { egress: LAMBDA_EGRESS })).toEqual([
      [2, 'pending'],
      [2, 'unprobed/blocked-by-egress'],
    ]);
    expect(await ruledOut(chunk, LOCAL_POLICY, { egress: DUAL_STACK_EGRESS })).toEqual([[4, 'pending']]);
  });

  it('no port 25 of a private address, which is in the same network', async () => {
    const chunk = chunkOf(['10.0.0.1', '1.1.1.1'] as Address[], [['tcp', 25]]);
    expect(await ruledOut(chunk, LOCAL_POLICY, { egress: LAMBDA_EGRESS })).toEqual([
      [1, 'pending'],
      [1, 'unprobed/blocked-by-egress'],
    ]);
  });

  it('every address that is in no scope, neither by itself nor by a name that stands for it', async () => {
    const chunk = chunkOf([LISTED, NAMED, '4.4.4.4' as Address], [['tcp', 80]]);
    expect(await ruledOut(chunk, scoped, { resolver })).toEqual([
      [2, 'pending'],
      [1, 'unprobed/forbidden'],
    ]);
  });

  it('an address of which only a forged plan says that a name of the scope stands for it', async () => {
    const chunk = chunkOf([LISTED, OTHER], [['tcp', 80]]);
    expect(await ruledOut(chunk, scoped, { resolver })).toEqual([
      [1, 'pending'],
      [1, 'unprobed/forbidden'],
    ]);
    expect(await ruledOut(chunkOf([NAMED], [['tcp', 80]]), scoped)).toEqual([[1, 'unprobed/forbidden']]);
  });

  it('nothing for want of a resolver where no address needs one', async () => {
    const refusing: Resolver = { resolve: () => Promise.reject(new Error('nobody may ask')) };
    expect(await ruledOut(chunkOf([LISTED], [['tcp', 80]]), scoped, { resolver: refusing })).toEqual([[1, 'pending']]);
  });

  it('the metadata address though the scope lists it', async () => {
    const metadata = '169.254.169.254' as Address;
    const listed = { ranges: [{ first: metadata, last: metadata }], names: [] };
    expect(await ruledOut(chunkOf([metadata], [['tcp', 80]]), { ...DEPLOYED_POLICY, scope: listed })).toEqual([
      [1, 'unprobed/forbidden'],
    ]);
  });
});
