import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../shared/domain/chunk.ts';
import { runsOf } from '../../../shared/domain/coverage.ts';
import { type Address, chunkNumber, type PortNumber } from '../../../shared/domain/units.ts';
import { type EgressRestrictions, LAMBDA_EGRESS, OPEN_EGRESS } from '../../../shared/request/egress-restrictions.ts';
import { DEPLOYED_POLICY, LOCAL_POLICY, type Policy } from '../../../shared/request/target-policy.ts';
import { applyRestrictions } from '../../../shared/usecases/apply-restrictions.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

/** Addresses nobody asks: this is arithmetic. */
const [LISTED, NAMED, OTHER] = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as Address[] as [Address, Address, Address];

const chunkOf = (addresses: readonly Address[], ports: readonly [protocol: 'tcp' | 'udp', port: number][]): Chunk => ({
  number: chunkNumber(0),
  addresses,
  ports: ports.map(([protocol, port]) => ({ protocol, port: port as PortNumber })),
  size: addresses.length * ports.length,
  lane: 0,
});

function ruledOut(chunk: Chunk, policy: Policy, egress: EgressRestrictions = OPEN_EGRESS): unknown {
  const codes = new Uint8Array(chunk.size);
  const names = [{ name: 'www.example.com', addresses: [NAMED] }];
  applyRestrictions({ ...sampleScan(), names }, chunk, codes, policy, egress);
  return runsOf(codes);
}

describe('A worker leaves unasked', () => {
  it('what its egress does not let out: TCP port 25 from a function, and no other', () => {
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
    expect(ruledOut(chunk, LOCAL_POLICY, LAMBDA_EGRESS)).toEqual([
      ...one,
      [3, 'pending'],
      [1, 'unprobed/blocked-by-egress'],
      [2, 'pending'],
    ]);
  });

  it('every address that is in no scope, neither by itself nor by the name it was found under', () => {
    const scope = { ranges: [{ first: LISTED, last: LISTED }], names: ['*.example.com'] };
    const chunk = chunkOf([LISTED, NAMED, OTHER], [['tcp', 80]]);
    expect(ruledOut(chunk, { ...DEPLOYED_POLICY, scope })).toEqual([
      [2, 'pending'],
      [1, 'unprobed/forbidden'],
    ]);
  });

  it('the metadata address though the scope lists it', () => {
    const metadata = '169.254.169.254' as Address;
    const scope = { ranges: [{ first: metadata, last: metadata }], names: [] };
    expect(ruledOut(chunkOf([metadata], [['tcp', 80]]), { ...DEPLOYED_POLICY, scope })).toEqual([
      [1, 'unprobed/forbidden'],
    ]);
  });
});
