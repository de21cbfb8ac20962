import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNKS_PER_SENDING, RANGES_PER_RANGE } from '../../../shared/domain/limits.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { cutRange } from '../../../shared/plan/cut-range.ts';
import type { Outgoing } from '../../../shared/seams/chunk-queue.ts';
import type { ChunkRange } from '../../../shared/seams/range-queue.ts';
import { splitRange, startScan } from '../../../shared/usecases/send-chunks.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

interface NumberRange {
  readonly first: number;
  readonly count: number;
}

/** Cuts until nothing can be cut any more; gives the pieces and how many cuts deep the deepest lies. */
function cutToTheEnd(range: NumberRange): { pieces: NumberRange[]; depth: number } {
  const pieces = cutRange(range);
  if (pieces.length <= 1) return { pieces: [...pieces], depth: 0 };
  const below = pieces.map(cutToTheEnd);
  return { pieces: below.flatMap((each) => each.pieces), depth: 1 + Math.max(...below.map(({ depth }) => depth)) };
}

describe('A range of chunks', () => {
  it('falls into pieces that one call can send, which are the range again, side by side', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), (first, count) => {
        const { pieces } = cutToTheEnd({ first, count });
        let next = first;
        for (const piece of pieces) {
          expect(piece.first).toBe(next);
          expect(piece.count).toBeGreaterThan(0);
          expect(piece.count).toBeLessThanOrEqual(CHUNKS_PER_SENDING);
          next += piece.count;
        }
        expect(next).toBe(first + count);
        expect(pieces.length).toBe(Math.ceil(count / CHUNKS_PER_SENDING));
      }),
      { numRuns: 100 },
    );
  });

  it('of a million is two cuts deep, so that its messages pass three functions', () => {
    expect(cutToTheEnd({ first: 0, count: 1_000_000 }).depth).toBe(2);
    expect(cutRange({ first: 0, count: 1_000_000 })).toHaveLength(RANGES_PER_RANGE);
    expect(cutToTheEnd({ first: 0, count: CHUNKS_PER_SENDING }).depth).toBe(0);
  });
});

/** A scan of one port a chunk. */
function scanOf(chunks: number, status: Scan['status'] = 'planned'): Scan {
  const scan = sampleScan({ chunks, status });
  return { ...scan, plan: { ...scan.plan, geometry: { ...scan.plan.geometry, portCount: chunks, size: 1 } } };
}

/** A fleet's queues as lists, with a splitter that works on the ranges as they come. */
async function bench(scan: Scan) {
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const sent: Outgoing[] = [];
  const waiting: ChunkRange[] = [];
  const deps = {
    store,
    clock: manualClock(),
    queue: { send: async (messages: readonly Outgoing[]) => void sent.push(...messages) },
    ranges: { send: async (ranges: readonly ChunkRange[]) => void waiting.push(...ranges) },
  };
  return {
    deps,
    store,
    waiting,
    split: async () => {
      for (let range = waiting.shift(); range; range = waiting.shift()) await splitRange(range, deps);
    },
    keys: () => sent.map(({ deduplicationKey }) => deduplicationKey),
    chunks: () => sent.map(({ message }) => Number(message.chunk)),
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('A scan that is sent on its way', () => {
  it('leaves at once when it is small, and runs before its first chunk is out', async () => {
    const scan = scanOf(CHUNKS_PER_SENDING);
    const { deps, store, waiting, chunks } = await bench(scan);
    expect((await startScan(scan, deps)).status).toBe('running');
    expect((await store.readScan(scan.id))?.status).toBe('running');
    expect(chunks()).toEqual(upTo(CHUNKS_PER_SENDING));
    expect(waiting).toEqual([]);
  });

  it('leaves as ranges when it is large, and every chunk gets out once', async () => {
    const scan = scanOf(12_345);
    const { deps, split, chunks } = await bench(scan);
    await startScan(scan, deps);
    expect(chunks()).toEqual([]);
    await split();
    expect(chunks().sort((a, b) => a - b)).toEqual(upTo(12_345));
  });

  it('sends nothing more once it is cancelled', async () => {
    const scan = scanOf(5_000);
    const { deps, store, split, chunks } = await bench(scan);
    await startScan(scan, deps);
    await store.changeStatus(scan.id, 'running', 'cancelled', scan.submittedAt);
    await split();
    expect(chunks()).toEqual([]);
  });

  it('has another key for each time it is sent, which a queue that remembers keys takes', async () => {
    const scan = scanOf(2, 'running');
    const { deps, keys } = await bench(scan);
    for (const generation of [0, 1, 2]) await splitRange({ scanId: scan.id, first: 0, count: 2, generation }, deps);
    expect(new Set(keys()).size).toBe(6);
  });

  it('has no chunks beyond its last, whatever a message says', async () => {
    const scan = scanOf(7, 'running');
    const { deps, chunks } = await bench(scan);
    await splitRange({ scanId: scan.id, first: 5, count: 1_000_000, generation: 0 }, deps);
    await splitRange({ scanId: scan.id, first: 1e9, count: 3, generation: 0 }, deps);
    expect(chunks()).toEqual([5, 6]);
  });
});
