import { expect, it } from 'vitest';
import { countCoverage, NO_PROBES, type Run } from '../../shared/domain/coverage.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../../shared/domain/units.ts';
import { chunkSize } from '../../shared/plan/split-chunks.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { aggregateOrFail, aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { findMissingChunks } from '../../shared/usecases/find-missing-chunks.ts';
import { sumUpAgain } from '../../shared/usecases/sum-up-again.ts';
import { takeUpFailed } from '../../shared/usecases/take-up-failed.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { freshScanId, sampleScan } from '../helpers/sample-scan.ts';
import type { StoreWith } from './store-bench.ts';

/** Three levels of nodes of four slots. */
const SHAPE = { chunks: 17, fanIn: 4 };

export function takingUp(storeWith: StoreWith): void {
  const clock = manualClock();

  const settle = async (store: ScanStore, scan: Scan, chunk: ChunkNumber): Promise<void> => {
    const runs = [[chunkSize(scan.plan.geometry, chunk), 'closed/conn-refused']] as const;
    await store.putCoverage(scan.id, { chunk, runs, tally: NO_PROBES });
    await completeChunk({ store, clock, fanIn: SHAPE.fanIn }, scan, chunk, 'settled');
  };

  /** A scan that is over; of its failed chunks the first half was settled before. */
  async function endedScan(failed: readonly number[]) {
    const scan = sampleScan({ chunks: SHAPE.chunks, status: 'running' });
    const store = await storeWith(scan);
    for (let number = 0; number < SHAPE.chunks; number++) {
      const chunk = chunkNumber(number);
      if (!failed.includes(number)) await settle(store, scan, chunk);
      else {
        const size = chunkSize(scan.plan.geometry, chunk);
        const half = Math.ceil(size / 2);
        const runs: readonly Run[] = [
          [half, 'closed/conn-refused'],
          [size - half, 'pending'],
        ];
        await store.putCoverage(scan.id, { chunk, runs, tally: NO_PROBES });
        const deps = { store, clock, fanIn: SHAPE.fanIn };
        await failChunk(deps, { scanId: scan.id, chunk });
      }
    }
    await aggregateScan({ store, clock }, scan.id);
    return { store, scan };
  }

  const statusOf = async (store: ScanStore, { id }: Scan) => (await store.readScan(id))?.status;

  it('with what its failed chunks had left over, and ends it complete when that is settled', async () => {
    const failed = [0, 3, 7, 16];
    const { store, scan } = await endedScan(failed);
    expect(await statusOf(store, scan)).toBe('complete-with-gaps');
    expect(await takeUpFailed({ store, newId: freshScanId, fanIn: SHAPE.fanIn }, scan)).toEqual(failed);
    const again = await store.readScan(scan.id);
    expect([again?.status, again?.summary, again?.finishedAt]).toEqual(['running', null, null]);
    const missing = await findMissingChunks({ store, clock, fanIn: SHAPE.fanIn }, again ?? scan);
    expect([...missing].sort((a, b) => a - b)).toEqual(failed);
    for (const chunk of failed.map(chunkNumber)) {
      const size = chunkSize(scan.plan.geometry, chunk);
      const record = await store.readCoverage(scan.id, chunk);
      expect(countCoverage(record?.runs ?? []).pending).toBe(size - Math.ceil(size / 2));
      await settle(store, scan, chunk);
    }
    await aggregateScan({ store, clock }, scan.id);
    expect(await statusOf(store, scan)).toBe('complete');
  });

  it('for one caller alone, and not at all where nothing failed', async () => {
    const { store, scan } = await endedScan([7]);
    const deps = { store, newId: freshScanId, fanIn: SHAPE.fanIn };
    const taken = await Promise.all([takeUpFailed(deps, scan), takeUpFailed(deps, scan)]);
    expect(taken.map(({ length }) => length).sort()).toEqual([0, 1]);
    const whole = await endedScan([]);
    expect(await takeUpFailed({ store: whole.store, newId: freshScanId, fanIn: SHAPE.fanIn }, whole.scan)).toEqual([]);
    expect(await statusOf(whole.store, whole.scan)).toBe('complete');
  });

  it('again, where a process died in the middle of it, and loses nothing', async () => {
    const { store, scan } = await endedScan([2, 9]);
    const done: Promise<void>[] = [];
    const dying: ScanStore = {
      ...store,
      removeFromNode: async (id, node, slots) => {
        if (node.level === 2) throw new Error('killed');
        done.push(store.removeFromNode(id, node, slots));
        await Promise.all(done);
      },
    };
    await expect(takeUpFailed({ store: dying, newId: freshScanId, fanIn: SHAPE.fanIn }, scan)).rejects.toThrow(
      'killed',
    );
    await Promise.all(done);
    // To the tree nothing is missing, so the scan ends once more, and says what it has not.
    const half = (await store.readScan(scan.id)) ?? scan;
    expect(await findMissingChunks({ store, clock, fanIn: SHAPE.fanIn }, half)).toEqual([]);
    await aggregateScan({ store, clock }, scan.id);
    const ended = (await store.readScan(scan.id)) ?? scan;
    expect(ended.status).toBe('complete-with-gaps');
    expect(await takeUpFailed({ store, newId: freshScanId, fanIn: SHAPE.fanIn }, ended)).toEqual([2, 9]);
    for (const chunk of [2, 9].map(chunkNumber)) await settle(store, scan, chunk);
    await aggregateScan({ store, clock }, scan.id);
    expect(await statusOf(store, scan)).toBe('complete');
  });

  it('for the caller whose answer was lost, when it asks again', async () => {
    const { store, scan } = await endedScan([7]);
    let lost = 0;
    const losing: ScanStore = {
      ...store,
      reopenScan: async (id, from, by) => {
        const done = await store.reopenScan(id, from, by);
        if (lost++ === 0) throw new PortfleetError([errorValue('STORE_UNAVAILABLE', 'The answer was lost.')]);
        return done;
      },
    };
    const deps = { store: losing, newId: freshScanId, fanIn: SHAPE.fanIn };
    expect(await takeUpFailed(deps, scan)).toEqual([7]);
    expect(lost).toBe(2);
    expect(await store.reopenScan(scan.id, 'complete-with-gaps', 'another')).toBe(false);
    await settle(store, scan, chunkNumber(7));
    await aggregateScan({ store, clock }, scan.id);
    expect(await statusOf(store, scan)).toBe('complete');
  });

  it('that could not be summed up, once, and sums it up', async () => {
    const scan = sampleScan({ chunks: SHAPE.chunks, status: 'running' });
    const store = await storeWith(scan);
    for (let number = 0; number < SHAPE.chunks; number++) await settle(store, scan, chunkNumber(number));
    const broken: ScanStore = { ...store, finishScan: () => Promise.reject(new Error('Item size has exceeded')) };
    await aggregateOrFail({ store: broken, clock }, scan.id);
    const failed = (await store.readScan(scan.id)) ?? scan;
    expect([failed.status, failed.failure]).toEqual(['failed', expect.stringContaining('Item size has exceeded')]);
    const deps = { store: store, clock, newId: freshScanId };
    const taken = await Promise.all([sumUpAgain(deps, failed), sumUpAgain(deps, failed)]);
    expect(taken.sort()).toEqual([false, true]);
    const again = await store.readScan(scan.id);
    expect([again?.status, again?.failure, again?.finishedAt]).toEqual(['finalizing', undefined, null]);
    await aggregateOrFail({ store: store, clock }, scan.id);
    expect(await statusOf(store, scan)).toBe('complete');
    expect(await sumUpAgain(deps, failed)).toBe(false);
  });

  it('not where it never got under way: there is nothing to sum up', async () => {
    const scan = sampleScan({ status: 'planned' });
    const store = await storeWith(scan);
    await store.changeStatus(scan.id, 'planned', 'failed', clock.wall());
    const failed = (await store.readScan(scan.id)) ?? scan;
    expect(await sumUpAgain({ store, clock, newId: freshScanId }, failed)).toBe(false);
    expect(await statusOf(store, scan)).toBe('failed');
  });
}
