import { describe, expect, it } from 'vitest';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber } from '../../../shared/domain/units.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { findMissingChunks } from '../../../shared/usecases/find-missing-chunks.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

const FAN_IN = 4;

/** A running scan of which those chunks have ended, and nothing is on the queue. */
async function stalled(chunks: number, ended: readonly number[], status: Scan['status'] = 'running') {
  const clock = manualClock();
  const store = makeMemoryScanStore();
  const scan = sampleScan({ chunks, status });
  await store.createScan(scan);
  const deps = { store, clock, fanIn: FAN_IN };
  for (const chunk of ended) await completeChunk(deps, scan, chunkNumber(chunk), 'settled');
  return {
    deps,
    scan,
    store,
    status: async () => (await store.readScan(scan.id))?.status,
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Like a worker that dies between the slot of a chunk and the slot of its full node. */
const forgetNodesAbove = (store: ScanStore): ScanStore => ({
  ...store,
  addToNode: async (id, node, slot, failed) => {
    if (node.level > 1) throw new Error('the worker died');
    return store.addToNode(id, node, slot, failed);
  },
});

describe('The search for missing chunks', () => {
  it('finds exactly the chunks that have not ended', async () => {
    const missing = [0, 7, 8, 9, 10, 11, 36];
    const { deps, scan, status } = await stalled(
      37,
      upTo(37).filter((chunk) => !missing.includes(chunk)),
    );
    expect(await findMissingChunks(deps, scan)).toEqual(missing);
    expect(await status()).toBe('running');
  });

  it('finds every chunk of a scan that has not begun', async () => {
    const { deps, scan } = await stalled(37, []);
    expect(await findMissingChunks(deps, scan)).toEqual(upTo(37));
  });

  it('counts a chunk that was given up as ended', async () => {
    const { deps, scan } = await stalled(6, [0, 1, 2, 3]);
    await completeChunk(deps, scan, chunkNumber(5), 'failed');
    expect(await findMissingChunks(deps, scan)).toEqual([4]);
  });

  it('passes on a full node that the one above does not know, and finishes the scan', async () => {
    const { deps, scan, store, status } = await stalled(37, upTo(36));
    const dying = { ...deps, store: forgetNodesAbove(store) };
    await expect(completeChunk(dying, scan, chunkNumber(36), 'settled')).rejects.toThrow('the worker died');
    expect(await findMissingChunks(deps, scan)).toEqual([]);
    expect(await status()).toBe('finalizing');
  });

  it('passes on a full node even where others are missing', async () => {
    const { deps, scan, store, status } = await stalled(37, upTo(3));
    const dying = { ...deps, store: forgetNodesAbove(store) };
    await expect(completeChunk(dying, scan, chunkNumber(3), 'settled')).rejects.toThrow('the worker died');
    expect(await findMissingChunks(deps, scan)).toEqual(upTo(37).slice(4));
    for (const chunk of upTo(37).slice(4)) await completeChunk(deps, scan, chunkNumber(chunk), 'settled');
    expect(await status()).toBe('finalizing');
  });

  it('finishes a scan whose last worker died with the root full', async () => {
    const { deps, scan, store, status } = await stalled(4, upTo(3));
    await store.addToNode(scan.id, { level: 1, index: 0 }, 3, false);
    expect(await findMissingChunks(deps, scan)).toEqual([]);
    expect(await status()).toBe('finalizing');
  });

  it('finds nothing missing in a scan that is not running', async () => {
    const { deps, scan, status } = await stalled(6, [], 'cancelled');
    expect(await findMissingChunks(deps, scan)).toEqual([]);
    expect(await status()).toBe('cancelled');
  });
});
