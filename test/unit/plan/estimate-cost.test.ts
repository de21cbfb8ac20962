import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetPrices } from '../../../shared/domain/cost.ts';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Plan } from '../../../shared/domain/scan.ts';
import { TIMING_NAMES, TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { millis, type PortNumber } from '../../../shared/domain/units.ts';
import { estimateCost, LIST_PRICES } from '../../../shared/plan/estimate-cost.ts';
import { type FleetSize, planGeometry } from '../../../shared/plan/split-chunks.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

const PRICES: FleetPrices = { ...LIST_PRICES, memoryGb: 0.5 };
const FLEET: FleetSize = { workers: 64, socketsPerWorker: 900, maxProbesPerChunk: 4_096 };

function planOf(addresses: number, ports: number, timing: Plan['timing'], fleet = FLEET): Plan {
  const set = portSet([[1 as PortNumber, ports as PortNumber]], []);
  return { ...sampleScan().plan, ports: set, timing, geometry: planGeometry(addresses, set, timing, fleet) };
}

describe('What a scan costs', () => {
  it('comes out as by hand: 65,535 ports of a silent host, probed once for a second, 1,000 sockets, 64 chunks', () => {
    const timing = { ...TIMING_TEMPLATES.T3, initialRttTimeout: millis(1_000), maxAttempts: 1, ratePerTarget: null };
    const plan = planOf(1, 65_535, timing);
    const chunks64 = { ...plan, socketsPerWorker: 1_000, geometry: { ...plan.geometry, size: 1_024, chunks: 64 } };
    const { ifSilent } = estimateCost(chunks64, FLEET, PRICES);
    // 65.5 s of waiting and 32 s of starting up, at half a GB; a checkpoint, an item of findings and a glance at what the others know a second;
    // 64 chunks of queue and writes, one of them for the others.
    const seconds = 65.535 + 64 * (0.15 + 0.35);
    const perChunk = 0.0000002 + 2.1 * 0.0000005 + (3.01 + 1.2) * 0.000000625;
    expect(ifSilent).toBeCloseTo(seconds * (0.5 * 0.0000133334 + 2.1 * 0.000000625) + 64 * perChunk, 8);
    expect(ifSilent).toBeGreaterThan(0.0007);
    expect(ifSilent).toBeLessThan(0.0011);
  });

  it('has something in it for timing hints only where several chunks probe one address', () => {
    const plan = planOf(1, 65_535, { ...TIMING_TEMPLATES.T3, ratePerTarget: null });
    const writesAlone: FleetPrices = {
      memoryGb: 0.5,
      perGbSecond: 0,
      perInvocation: 0,
      perQueueRequest: 0,
      perWriteUnit: 1,
    };
    const unitsOf = (geometry: Partial<Plan['geometry']>) =>
      estimateCost({ ...plan, geometry: { ...plan.geometry, chunks: 64, ...geometry } }, FLEET, writesAlone).ifSilent;
    const alone = unitsOf({ kind: 'whole' });
    // Each second writes a checkpoint and an item of findings.
    const seconds = (alone - 64 * 3.01) / 2;
    expect(unitsOf({ kind: 'split' })).toBeCloseTo(alone + 64 * 1.2 + seconds * 0.1, 6);
    expect(unitsOf({ kind: 'split', addressCount: 64, portCount: 1_024 })).toBeLessThan(alone + 1);
  });

  it('counts workers that wait for the rate of one target', () => {
    const slow = planOf(1, 65_535, { ...TIMING_TEMPLATES.T4, ratePerTarget: 100 });
    const free: Plan = { ...slow, timing: { ...slow.timing, ratePerTarget: null } };
    // 655 s of one worker, instead of the 21 s that its CPU takes.
    expect(estimateCost(slow, FLEET, PRICES).atLeast).toBeGreaterThan(10 * estimateCost(free, FLEET, PRICES).atLeast);
  });

  it('is never less for a silent host, and grows with hosts, ports and memory', () => {
    const arbitrary = fc.record({
      addresses: fc.integer({ min: 1, max: 5_000 }),
      ports: fc.integer({ min: 1, max: 65_535 }),
      name: fc.constantFrom(...TIMING_NAMES),
    });
    fc.assert(
      fc.property(arbitrary, ({ addresses, ports, name }) => {
        const plan = planOf(addresses, ports, TIMING_TEMPLATES[name]);
        const { atLeast, ifSilent } = estimateCost(plan, FLEET, PRICES);
        const doubled = planOf(addresses * 2, ports, TIMING_TEMPLATES[name]);
        const larger = estimateCost(plan, FLEET, { ...PRICES, memoryGb: 2 });
        expect(atLeast).toBeGreaterThan(0);
        expect(ifSilent).toBeGreaterThanOrEqual(atLeast);
        // Whole hosts are cheaper than split ones, whose workers tell each other what they learn.
        if (doubled.geometry.kind === plan.geometry.kind) {
          expect(estimateCost(doubled, FLEET, PRICES).ifSilent).toBeGreaterThanOrEqual(ifSilent);
        }
        // Twice the memory is twice the CPU: only what waits costs more.
        expect(larger.ifSilent).toBeGreaterThanOrEqual(ifSilent * 0.99);
      }),
    );
  });
});
