import { describe, expect, it } from 'vitest';
import { SLOWEST_FLEET_RATE, WORKER_PROBES, WORKER_SOCKETS } from '../../../shared/domain/limits.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { seed } from '../../../shared/domain/units.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { type PlanDeps, planScan } from '../../../shared/usecases/plan-scan.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { blames, valid } from '../../helpers/valid.ts';

/** An address nobody asks: this is arithmetic. */
const TARGET = '192.0.2.1';

const planned = (raw: Partial<RawRequest>, more: Partial<PlanDeps> = {}) =>
  planScan(valid(parseRequest({ targets: [TARGET], ports: '-', ...raw })), {
    resolver: { resolve: async () => [] },
    clock: manualClock(),
    policy: LOCAL_POLICY,
    fleet: { workers: 64, socketsPerWorker: WORKER_SOCKETS, maxProbesPerChunk: WORKER_PROBES },
    leastPerTarget: SLOWEST_FLEET_RATE,
    newId: freshScanId,
    newSeed: () => seed(1),
    ...more,
  });

const rateOf = ({ plan }: Scan): number | null => plan.timing.ratePerTarget;

describe('The pace of a fleet', () => {
  it.each([
    ['T3', 3_000, 3_000],
    ['T4', 3_000, 3_000],
    ['T5', 3_000, 3_000],
    ['T2', 3_000, 400],
    ['T4', null, 20_000],
    ['T5', null, null],
  ])('is that of -%s, with at most %s a second to one address: %s', async (timing, mostPerTarget, expected) => {
    expect(rateOf(valid(await planned({ timing }, { mostPerTarget })))).toBe(expected);
  });

  it("keeps within its limit a rate that the request names, and the scanner's own machine too", async () => {
    expect(rateOf(valid(await planned({ rate: 5_000 }, { mostPerTarget: 1_000 })))).toBe(1_000);
    expect(rateOf(valid(await planned({ targets: ['127.0.0.1'] }, { mostPerTarget: 1_000 })))).toBe(1_000);
  });

  it.each(['T0', 'T1'])('refuses -%s, which no function lives long enough to hold to', async (timing) => {
    expect(blames(await planned({ timing })).map(([code]) => code)).toEqual(['PACE_TOO_SLOW']);
    expect((await planned({ timing }, { leastPerTarget: 0 })).ok).toBe(true);
  });

  it('cuts every port of one host into chunks that a worker can settle in its time though none answers', async () => {
    const { geometry, timing } = valid(await planned({})).plan;
    expect(geometry.size).toBeLessThanOrEqual(WORKER_PROBES);
    const secondsIfSilent = (2 * geometry.size * geometry.lanes) / (timing.ratePerTarget ?? Number.POSITIVE_INFINITY);
    expect(secondsIfSilent).toBeLessThan(24);
  });
});
