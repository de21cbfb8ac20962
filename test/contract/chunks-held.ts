import { expect, it, onTestFinished } from 'vitest';
import { chunksHeld } from '../../lambdas/api/chunks-held.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber } from '../../shared/domain/units.ts';
import { chunkSize } from '../../shared/plan/split-chunks.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { ownTable } from '../helpers/aws/dynamo-local.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { sampleScan } from '../helpers/sample-scan.ts';

/** How many chunks of a scan are held where scans share the workers, of which the queue tells only the sum. */
export function chunksHeldContract(endpointOf: () => string): void {
  it('tells of each scan how many of its chunks workers hold, where several share the fleet', async () => {
    const { table, remove } = await ownTable(endpointOf());
    onTestFinished(remove);
    const clock = manualClock();
    const store = makeDynamoScanStore(table, makeRetention(30, clock), clock);
    let inFlight: number | null = 5;
    const held = (scan: Scan) => chunksHeld(scan, { store, table, inFlight: async () => inFlight });
    const begin = async (scan: Scan, chunk: number): Promise<void> => {
      const size = chunkSize(scan.plan.geometry, chunkNumber(chunk));
      await store.putCoverage(scan.id, { chunk: chunkNumber(chunk), runs: [[size, 'pending']], tally: NO_PROBES });
    };
    const [one, other] = [sampleScan({ chunks: 6 }), sampleScan({ chunks: 600 })];
    await store.createScan(one);
    // Alone it has all that is held, also what no record tells of yet.
    expect(await held(one)).toBe(5);
    await store.createScan(other);
    expect([await held(one), await held(other)]).toEqual([0, 0]);
    for (const chunk of [0, 1, 3]) await begin(one, chunk);
    for (let chunk = 0; chunk < 300; chunk++) {
      await begin(other, chunk);
      if (chunk < 298) await completeChunk({ store, clock }, other, chunkNumber(chunk), 'settled');
    }
    expect([await held(one), await held(other)]).toEqual([3, 2]);
    await completeChunk({ store, clock }, one, chunkNumber(1), 'settled');
    expect([await held(one), await held(other)]).toEqual([2, 2]);
    // What was put back waits: no more are held than the queue says.
    inFlight = 1;
    expect([await held(one), await held(other)]).toEqual([1, 1]);
    inFlight = 0;
    expect(await held(one)).toBe(0);
    inFlight = null;
    expect(await held(one)).toBeNull();
  });
}
