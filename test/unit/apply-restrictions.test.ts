import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../shared/domain/chunk.ts';
import { runsOf } from '../../shared/domain/coverage.ts';
import { type Address, chunkNumber, type PortNumber } from '../../shared/domain/units.ts';
import { DEPLOYED_POLICY, LOCAL_POLICY, type Policy } from '../../shared/request/target-policy.ts';
import { LAMBDA_VANTAGE, OPEN_VANTAGE, type Vantage } from '../../shared/request/egress-restrictions.ts';
import { ruleOut } from '../../shared/usecases/apply-restrictions.ts';
import { sampleScan } from '../helpers/sample-scan.ts';

/** Addresses nobody asks: this is arithmetic. */
const [LISTED, NAMED, OTHER] = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as Address[] as [Address, Address, Address];

const chunkOf = (addresses: readonly Address[], ports: readonly [protocol: 'tcp' | 'udp', port: number][]): Chunk => ({
  number: chunkNumber(0),
  addresses,
  ports: ports.map(([protocol, port]) => ({ protocol, port: port as PortNumber })),
  size: addresses.length * ports.length,
  lane: 0,
});

function ruledOut(chunk: Chunk, policy: Policy, vantage: Vantage = OPEN_VANTAGE): unknown {
  const codes = new Uint8Array(chunk.size);
  const names = [{ name: 'www.example.com', addresses: [NAMED] }];
  ruleOut({ ...sampleScan(), names }, chunk, codes, policy, vantage);
  return runsOf(codes);
}

describe('A worker leaves unasked', () => {
  it('what its vantage does not let out: TCP port 25 from a function, and no other', () => {
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
      [1, 'unprobed/blocked-by-vantage'],
    ];
    expect(ruledOut(chunk, LOCAL_POLICY, LAMBDA_VANTAGE)).toEqual([
      ...one,
      [3, 'pending'],
      [1, 'unprobed/blocked-by-vantage'],
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
