import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import { takeUpFailed } from '../../local/sqlite/take-up-failed.ts';
import { countCoverage, NO_PROBES } from '../../shared/domain/coverage.ts';
import { chunkNumber } from '../../shared/domain/units.ts';
import { chunkSize } from '../../shared/plan/split-chunks.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { findMissingChunks } from '../../shared/usecases/find-missing-chunks.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const clock = manualClock();

const CHUNKS = 257;

/** A scan of two levels of the tree, 255 ports a chunk: of the failed ones every second port was settled before. */
async function endedScan(failed: readonly number[]) {
  const db = openDatabase(join(tempDir(), 'portfleet.db'));
  const store = makeSqliteScanStore(db);
  const scan = { ...sampleScan({ chunks: CHUNKS }), status: 'running' as const };
  await store.createScan(scan);
  for (let number = 0; number < CHUNKS; number++) {
    const chunk = chunkNumber(number);
    const size = chunkSize(scan.plan.geometry, chunk);
    const isFailed = failed.includes(number);
    const half = Math.ceil(size / 2);
    const runs = isFailed
      ? ([
          [half, 'closed/conn-refused'],
          [size - half, 'pending'],
        ] as const)
      : ([[size, 'closed/conn-refused']] as const);
    await store.putCoverage(scan.id, { chunk, runs: runs.filter(([length]) => length > 0), tally: NO_PROBES });
    if (isFailed) await failChunk({ store, clock }, { scanId: scan.id, chunk });
    else await completeChunk({ store, clock }, scan, chunk, 'settled');
  }
  await aggregateScan({ store, clock }, scan.id);
  return { db, store, scan };
}

const statusOf = async (store: ScanStore, id: Parameters<ScanStore['readScan']>[0]) =>
  (await store.readScan(id))?.status;

describe('A scan that ended with chunks that failed', () => {
  it('is taken up with what they had left over, and ends complete when that is settled', async () => {
    const failed = [0, 7, 255, 256];
    const { db, store, scan } = await endedScan(failed);
    expect(await statusOf(store, scan.id)).toBe('complete-with-gaps');
    expect(await takeUpFailed(db, scan)).toBe(true);
    const again = await store.readScan(scan.id);
    expect([again?.status, again?.summary, again?.finishedAt]).toEqual(['running', null, null]);
    const missing = await findMissingChunks({ store, clock }, again ?? scan);
    expect([...missing].sort((a, b) => a - b)).toEqual(failed);
    for (const chunk of failed.map(chunkNumber)) {
      const size = chunkSize(scan.plan.geometry, chunk);
      const record = await store.readCoverage(scan.id, chunk);
      expect(countCoverage(record?.runs ?? []).pending).toBe(size - Math.ceil(size / 2));
      await store.putCoverage(scan.id, { chunk, runs: [[size, 'closed/conn-refused']], tally: NO_PROBES });
      await completeChunk({ store, clock }, scan, chunk, 'settled');
    }
    await aggregateScan({ store, clock }, scan.id);
    expect(await statusOf(store, scan.id)).toBe('complete');
    await store.close();
  });

  it('is taken up by one process alone, and not at all where nothing failed', async () => {
    const { db, store, scan } = await endedScan([7]);
    expect([await takeUpFailed(db, scan), await takeUpFailed(db, scan)]).toEqual([true, false]);
    await store.close();
    const whole = await endedScan([]);
    expect(await takeUpFailed(whole.db, whole.scan)).toBe(false);
    expect(await statusOf(whole.store, whole.scan.id)).toBe('complete');
    await whole.store.close();
  });
});
