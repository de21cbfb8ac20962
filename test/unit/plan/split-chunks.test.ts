import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeAt } from '../../../shared/domain/chunk.ts';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Plan } from '../../../shared/domain/scan.ts';
import { TIMING_NAMES, TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, type PortNumber, type ScanId, seed } from '../../../shared/domain/units.ts';
import { permutation } from '../../../shared/plan/permutation.ts';
import { buildChunk, chunkSeed, chunkSize, groupOf, planGeometry } from '../../../shared/plan/split-chunks.ts';

const addressAt = (index: number): Address => `10.0.${index >> 8}.${index & 255}` as Address;

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 60 }))
    .map(([first, more]) => [first as PortNumber, (first + more) as PortNumber] as const),
  { maxLength: 6 },
);

const plans = fc
  .record({
    addresses: fc.integer({ min: 1, max: 40 }),
    tcp: ranges,
    udp: ranges,
    template: fc.constantFrom(...TIMING_NAMES),
    workers: fc.integer({ min: 1, max: 9 }),
    sockets: fc.integer({ min: 1, max: 4_096 }),
    maxProbes: fc.integer({ min: 1, max: 400 }),
  })
  .filter(({ tcp, udp }) => tcp.length + udp.length > 0)
  .map(({ addresses, tcp, udp, template, workers, sockets, maxProbes }): { plan: Plan; maxProbes: number } => {
    const ports = portSet(tcp, udp);
    const timing = TIMING_TEMPLATES[template];
    const fleet = { workers, socketsPerWorker: sockets, maxProbesPerChunk: maxProbes };
    const geometry = planGeometry(addresses, ports, timing, fleet);
    return {
      maxProbes,
      plan: { addresses: [], ports, seed: seed(7), timing, socketsPerWorker: null, detect: 'none', geometry },
    };
  });

const chunksOf = (plan: Plan) =>
  Array.from({ length: plan.geometry.chunks }, (_, number) => buildChunk(plan, chunkNumber(number), addressAt));

describe('the splitter', () => {
  it('puts every (address, protocol, port) into exactly one chunk', () => {
    fc.assert(
      fc.property(plans, ({ plan }) => {
        const seen = new Set<string>();
        let count = 0;
        for (const chunk of chunksOf(plan)) {
          for (let offset = 0; offset < chunk.size; offset++) {
            const probe = probeAt(chunk, offset);
            seen.add(`${probe?.address} ${probe?.protocol} ${probe?.port}`);
            count += 1;
          }
        }
        expect(seen.size).toBe(count);
        expect(count).toBe(plan.geometry.addressCount * plan.geometry.portCount);
      }),
      { numRuns: 60 },
    );
  });

  it('makes no chunk larger than a worker can take, and knows its size without building it', () => {
    fc.assert(
      fc.property(plans, ({ plan, maxProbes }) => {
        const wrong = chunksOf(plan).filter(
          ({ size, number }) => size !== chunkSize(plan.geometry, number) || size <= 0 || size > maxProbes,
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps an address within its lanes: never more groups than lanes where a rate has to be held', () => {
    fc.assert(
      fc.property(plans, ({ plan }) => {
        const groups = new Map<string, Set<string>>();
        for (const chunk of chunksOf(plan)) {
          const group = groupOf(plan, '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ScanId, chunk.number, addressAt);
          for (const address of chunk.addresses) {
            groups.set(address, (groups.get(address) ?? new Set()).add(group));
          }
        }
        if (plan.timing.ratePerTarget === null) return;
        for (const own of groups.values()) expect(own.size).toBeLessThanOrEqual(plan.geometry.lanes);
      }),
      { numRuns: 60 },
    );
  });

  it('probes an address from one lane where one worker has sockets enough for its rate', () => {
    const every = portSet([[1 as PortNumber, 65_535 as PortNumber]], []);
    const fleet = { workers: 64, socketsPerWorker: 900, maxProbesPerChunk: 4_096 };
    expect(planGeometry(1, every, TIMING_TEMPLATES.T2, fleet).lanes).toBe(1);
    // 3,000 asks a second that wait 1 s each are 3,000 sockets: four workers of 900.
    expect(planGeometry(1, every, TIMING_TEMPLATES.T3, fleet).lanes).toBe(4);
    expect(planGeometry(1, every, TIMING_TEMPLATES.T5, fleet).lanes).toBe(64);
  });
});

describe('a scan that detects services', () => {
  const fleet = { workers: 2, socketsPerWorker: 4_096, maxProbesPerChunk: 65_536 };
  const chunks = (addresses: number, last: number, detect: Plan['detect']): number => {
    const ports = portSet([[1 as PortNumber, last as PortNumber]], []);
    return planGeometry(addresses, ports, TIMING_TEMPLATES.T4, fleet, { detect }).chunks;
  };

  it('has no more chunks than are worked on at once, so that they all wait for their silent services together', () => {
    expect(chunks(152, 100, 'services')).toBe(4);
    expect(chunks(152, 100, 'none')).toBe(8);
  });

  it('is alike in that to a scan by workers that have several chunks in hand, of whole addresses', () => {
    const ports = portSet([[1 as PortNumber, 100 as PortNumber]], []);
    const inHand = { ...fleet, chunksAtOnce: 2 };
    expect(planGeometry(256, ports, TIMING_TEMPLATES.T4, inHand).chunks).toBe(4);
  });

  it('still has as many as their size demands', () => {
    expect(chunks(152, 65_535, 'tls')).toBe(152);
  });
});

describe('the permutation', () => {
  it('visits every number once, at every size up to 300 and at some large ones', () => {
    for (const size of [...Array.from({ length: 300 }, (_, index) => index + 1), 4_096, 65_535, 65_536, 65_537]) {
      const order = permutation(size, seed(size * 31));
      const seen = new Uint8Array(size);
      for (let index = 0; index < size; index++) seen[order(index)] = 1;
      expect(seen.every((times) => times === 1)).toBe(true);
    }
  });

  it('is the same for one seed and another for the next', () => {
    const take = (value: number) => Array.from({ length: 20 }, (_, index) => permutation(10_000, seed(value))(index));
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  it('leaves no two chunks of a scan in step', () => {
    const plan = { seed: seed(5) } as Plan;
    expect(chunkSeed(plan, chunkNumber(0))).not.toBe(chunkSeed(plan, chunkNumber(1)));
  });
});
