import { describe, expect, it } from 'vitest';
import { makeHandler } from '../../../lambdas/sweeper/handler.ts';
import type { SweepRecord } from '../../../lambdas/sweeper/sweep-record.ts';
import { CHUNK_VISIBILITY_SECONDS } from '../../../shared/domain/limits.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber, epochMillis, millis, type ScanId } from '../../../shared/domain/units.ts';
import { NO_USAGE } from '../../../shared/domain/usage.ts';
import type { ChunkRange } from '../../../shared/seams/range-queue.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { keepWords } from '../../helpers/lambda/quiet.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

const MINUTES_OF_A_SWEEP = 3 * 60_000;
const PATIENCE = millis(3 * CHUNK_VISIBILITY_SECONDS * 1_000);
const MINUTE = millis(60_000);

/** A sweeper over those scans, and a clock that stands still between its sweeps. */
async function bench(...scans: Scan[]) {
  const store = makeMemoryScanStore();
  for (const scan of scans) await store.createScan(scan);
  const clock = manualClock();
  const active = new Set<ScanId>(scans.map(({ id }) => id));
  const records = new Map<ScanId, SweepRecord>();
  const sent: ChunkRange[] = [];
  const kept = keepWords();
  let [worked, usageReads] = [0, 0];
  const sweep = makeHandler({
    store,
    clock,
    ranges: { send: async (ranges) => void sent.push(...ranges) },
    async *active() {
      yield* [...active];
    },
    forget: async (id) => void active.delete(id),
    usage: {
      over: async () => {
        usageReads += 1;
        return { ...NO_USAGE, deliveries: worked };
      },
    },
    records: { read: async (id) => records.get(id), write: async (id, record) => void records.set(id, record) },
    ...kept,
  });
  return {
    store,
    clock,
    active,
    kept,
    work: () => {
      worked += 1;
    },
    sweep,
    usageReads: () => usageReads,
    /** What the sweep after that pause sends. */
    sweepAfter: async (pause: number) => {
      clock.advance(millis(pause));
      sent.length = 0;
      await sweep();
      return sent.map(({ first, count, generation }) => ({ first, count, generation }));
    },
    end: (scan: Scan, ...chunks: number[]) =>
      Promise.all(chunks.map((chunk) => completeChunk({ store, clock }, scan, chunkNumber(chunk), 'settled'))),
    status: async (scan: Scan) => (await store.readScan(scan.id))?.status,
  };
}

/** The first sweep sees chunks that may have moved; what was worked is known from the second on. */
async function lookTwice(sweepAfter: (pause: number) => Promise<unknown>): Promise<void> {
  await sweepAfter(0);
  await sweepAfter(0);
}

describe('The sweeper function', () => {
  it('sends all from the first missing chunk on again when nothing has moved for long enough', async () => {
    const scan = sampleScan({ chunks: 10, status: 'running' });
    const { end, sweepAfter } = await bench(scan);
    await end(scan, 0, 1, 4, 8);
    await lookTwice(sweepAfter);
    expect(await sweepAfter(PATIENCE - 1)).toEqual([]);
    expect(await sweepAfter(1)).toEqual([{ first: 2, count: 8, generation: 1 }]);
  });

  it('asks what was worked, which is many reads, only of a scan whose chunks seem to stand still', async () => {
    const scan = sampleScan({ chunks: 10, status: 'running' });
    const { end, sweepAfter, usageReads } = await bench(scan);
    for (let chunk = 0; chunk < 9; chunk++) {
      await end(scan, chunk);
      await sweepAfter(MINUTES_OF_A_SWEEP);
    }
    expect(usageReads()).toBe(0);
    await sweepAfter(MINUTES_OF_A_SWEEP);
    expect(usageReads()).toBe(1);
  });

  it('takes no scan for one that stands still before it knows twice what was worked', async () => {
    const scan = sampleScan({ chunks: 3, status: 'running' });
    const { work, sweepAfter } = await bench(scan);
    await sweepAfter(0);
    work();
    // The sweeper itself was away for hours.
    expect(await sweepAfter(20 * PATIENCE)).toEqual([]);
    expect(await sweepAfter(PATIENCE - 1)).toEqual([]);
    expect(await sweepAfter(1)).toHaveLength(1);
  });

  it('leaves a scan alone that moves, however slowly', async () => {
    const scan = sampleScan({ chunks: 10, status: 'running' });
    const { end, sweepAfter } = await bench(scan);
    for (let chunk = 0; chunk < 9; chunk++) {
      await end(scan, chunk);
      expect(await sweepAfter(PATIENCE - 1)).toEqual([]);
    }
  });

  it('leaves a scan alone of whose chunks none ends, but whose workers put them down and take them up again', async () => {
    const scan = sampleScan({ chunks: 3, status: 'running' });
    const { work, sweepAfter, kept } = await bench(scan);
    for (let hour = 0; hour < 5; hour++) {
      work();
      expect(await sweepAfter(PATIENCE - 1)).toEqual([]);
    }
    expect(kept.counts.StalledScans ?? 0).toBe(0);
    await sweepAfter(0);
    expect(await sweepAfter(PATIENCE)).toHaveLength(1);
    expect(kept.counts.StalledScans).toBe(1);
  });

  it('waits twice as long each time, under keys that the queue does not know yet', async () => {
    const scan = sampleScan({ chunks: 3, status: 'running' });
    const { sweepAfter } = await bench(scan);
    await lookTwice(sweepAfter);
    expect(await sweepAfter(PATIENCE)).toEqual([{ first: 0, count: 3, generation: 1 }]);
    expect(await sweepAfter(PATIENCE * 2 - 1)).toEqual([]);
    expect(await sweepAfter(1)).toEqual([{ first: 0, count: 3, generation: 2 }]);
    expect(await sweepAfter(PATIENCE * 4 - 1)).toEqual([]);
    expect(await sweepAfter(1)).toEqual([{ first: 0, count: 3, generation: 3 }]);
  });

  it('moves on a scan whose every chunk has ended without its last worker saying so', async () => {
    const scan = sampleScan({ chunks: 2, status: 'running' });
    const { store, sweep, status } = await bench(scan);
    for (const slot of [0, 1]) await store.addToNode(scan.id, { level: 1, index: 0 }, slot, false);
    await sweep();
    expect(await status(scan)).toBe('finalizing');
  });

  it('aggregates a scan itself when no aggregator has for long enough', async () => {
    const scan = sampleScan({ status: 'finalizing' });
    const { store, sweepAfter, status } = await bench(scan);
    await store.putCoverage(scan.id, {
      chunk: chunkNumber(0),
      runs: [[65_535, 'closed/conn-refused']],
      tally: { sent: 65_535, answered: 65_535, answeredRetries: 0, mostAttempts: 1, smoothedRtt: null },
    });
    await lookTwice(sweepAfter);
    expect(await status(scan)).toBe('finalizing');
    expect(await sweepAfter(PATIENCE)).toEqual([]);
    expect(await status(scan)).toBe('complete');
  });

  it('calls a scan failed that was stored and never sent', async () => {
    const { clock: now } = await bench();
    const scan = sampleScan({ submittedAt: epochMillis(now.wall()) });
    const { sweepAfter, status } = await bench(scan);
    await sweepAfter(14 * MINUTE);
    expect(await status(scan)).toBe('planned');
    await sweepAfter(MINUTE);
    expect(await status(scan)).toBe('failed');
  });

  it('forgets what is over or gone', async () => {
    const [over, gone] = [sampleScan({ status: 'cancelled' }), sampleScan({ status: 'running' })];
    const { store, active, sweep } = await bench(over, gone);
    await store.deleteScan(gone.id);
    await sweep();
    expect(active.size).toBe(0);
  });

  it('sweeps the rest when one scan cannot be swept, and counts those that stand still', async () => {
    const [broken, stalled] = [
      sampleScan({ chunks: 3, status: 'running' }),
      sampleScan({ chunks: 3, status: 'running' }),
    ];
    const { store, sweepAfter, kept } = await bench(broken, stalled);
    const readNode = store.readNode;
    store.readNode = (id, node) =>
      id === broken.id ? Promise.reject(new Error('the table is down')) : readNode(id, node);
    await lookTwice(sweepAfter);
    await sweepAfter(PATIENCE);
    expect(kept.counts).toEqual({ RunningScans: 6, StalledScans: 1 });
    expect(kept.events.filter(({ event }) => event === 'sweep-failed')).toHaveLength(3);
  });
});
