import { describe, expect, it } from 'vitest';
import type { Scan } from '../../../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber, millis } from '../../../shared/domain/units.ts';
import type { Outgoing } from '../../../shared/seams/chunk-queue.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { sweepStalled } from '../../../shared/usecases/sweep-stalled.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryChunkQueues } from '../../helpers/memory-chunk-queue.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

const FAN_IN = 4;

const outgoingOf = ({ id }: Scan, chunk: ChunkNumber): Outgoing => ({
  message: { scanId: id, chunk },
  group: `${chunk}`,
  deduplicationKey: `${id} ${chunk}`,
});

/** A running scan of which those chunks have ended, and nothing is on the queue. */
async function stalled(chunks: number, ended: readonly number[], status: Scan['status'] = 'running') {
  const clock = manualClock();
  const store = makeMemoryScanStore();
  const scan = sampleScan({ chunks, status });
  await store.createScan(scan);
  const queue = makeMemoryChunkQueues(clock)(scan.id);
  const deps = { store, queue, clock, outgoingOf, fanIn: FAN_IN };
  for (const chunk of ended) await completeChunk(deps, scan, chunkNumber(chunk), 'settled');
  return {
    deps,
    scan,
    store,
    queue,
    waiting: async () => (await queue.receive(1_000, millis(1))).map(({ message }) => Number(message.chunk)),
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

describe('The sweep of a stalled scan', () => {
  it('sends exactly the chunks that have not ended', async () => {
    const missing = [0, 7, 8, 9, 10, 11, 36];
    const { deps, scan, waiting } = await stalled(
      37,
      upTo(37).filter((chunk) => !missing.includes(chunk)),
    );
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 7, finished: false });
    expect(await waiting()).toEqual(missing);
  });

  it('sends every chunk of a scan that nobody has begun', async () => {
    const { deps, scan, waiting } = await stalled(37, []);
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 37, finished: false });
    expect(await waiting()).toEqual(upTo(37));
  });

  it('counts a chunk that was given up as ended', async () => {
    const { deps, scan, waiting } = await stalled(6, [0, 1, 2, 3]);
    await completeChunk(deps, scan, chunkNumber(5), 'failed');
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 1, finished: false });
    expect(await waiting()).toEqual([4]);
  });

  it('changes nothing for a message that is still on the queue', async () => {
    const { deps, scan, queue } = await stalled(6, [0, 1]);
    await queue.send([2, 3, 4, 5].map((chunk) => outgoingOf(scan, chunkNumber(chunk))));
    await sweepStalled(deps, scan);
    await sweepStalled(deps, scan);
    expect(await queue.depth()).toBe(4);
  });

  it('passes on a full node that the one above has not heard of, and finishes the scan', async () => {
    const { deps, scan, store, queue, status } = await stalled(37, upTo(36));
    const dying = { ...deps, store: forgetNodesAbove(store) };
    await expect(completeChunk(dying, scan, chunkNumber(36), 'settled')).rejects.toThrow('the worker died');
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 0, finished: true });
    expect(await status()).toBe('finalizing');
    expect(await queue.depth()).toBe(0);
  });

  it('passes on a full node even where others are missing', async () => {
    const { deps, scan, store, waiting } = await stalled(37, upTo(3));
    const dying = { ...deps, store: forgetNodesAbove(store) };
    await expect(completeChunk(dying, scan, chunkNumber(3), 'settled')).rejects.toThrow('the worker died');
    expect((await sweepStalled(deps, scan)).resent).toBe(33);
    expect(await waiting()).toEqual(upTo(37).slice(4));
    for (const chunk of upTo(37).slice(4)) await completeChunk(deps, scan, chunkNumber(chunk), 'settled');
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
  });

  it('finishes a scan whose last worker died with the root full', async () => {
    const { deps, scan, store, status } = await stalled(4, upTo(3));
    await store.addToNode(scan.id, { level: 1, index: 0 }, 3, false);
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 0, finished: true });
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 0, finished: false });
    expect(await status()).toBe('finalizing');
  });

  it('sends nothing for a scan that is not running', async () => {
    const { deps, scan, queue, status } = await stalled(6, [], 'cancelled');
    expect(await sweepStalled(deps, scan)).toEqual({ resent: 0, finished: false });
    expect(await queue.depth()).toBe(0);
    expect(await status()).toBe('cancelled');
  });
});
