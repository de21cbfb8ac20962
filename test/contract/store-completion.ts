import { expect, it } from 'vitest';
import { type ChunkCoverage, NO_PROBES, type Run } from '../../shared/domain/coverage.ts';
import { chunkNumber, epochMillis, millis } from '../../shared/domain/units.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import type { StoreWith } from './store-bench.ts';

export function coverageRecords(storeWith: StoreWith): void {
  const record = (runs: readonly Run[], chunk = 0): ChunkCoverage => ({
    chunk: chunkNumber(chunk),
    runs,
    tally: { ...NO_PROBES, sent: 12, smoothedRtt: millis(0.4) },
  });

  it('by chunk, to the last field', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const first = record([
      [3, 'closed/conn-refused'],
      [2, 'pending'],
      [1, 'open/syn-ack'],
    ]);
    const second: ChunkCoverage = {
      ...record([[9, 'pending']], 1),
      forecast: { at: epochMillis(1_795_348_800_000), elapsed: millis(2_000), left: millis(3_500.5), next: null },
    };
    await store.putCoverage(scan.id, first);
    await store.putCoverage(scan.id, second);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(first);
    expect(await store.readCoverage(scan.id, chunkNumber(1))).toEqual(second);
  });

  it('with the deliveries that settled nothing, counted one by one, until a write says otherwise', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const [chunk, other] = [chunkNumber(0), chunkNumber(1)];
    expect([await store.countDelivery(scan.id, chunk), await store.countDelivery(scan.id, chunk)]).toEqual([1, 2]);
    expect(await store.readCoverage(scan.id, chunk)).toBeUndefined();
    const stuck = { ...record([[4, 'pending']]), idle: 2 };
    await store.putCoverage(scan.id, stuck);
    expect(await store.readCoverage(scan.id, chunk)).toEqual(stuck);
    expect(await store.countDelivery(scan.id, chunk)).toBe(3);
    const better = record([[4, 'closed/conn-refused']]);
    await store.putCoverage(scan.id, better);
    expect(await store.readCoverage(scan.id, chunk)).toEqual(better);
    expect([await store.countDelivery(scan.id, chunk), await store.countDelivery(scan.id, other)]).toEqual([1, 1]);
  });

  it('and has none of a chunk that was never written', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    await store.putCoverage(scan.id, record([[4, 'pending']], 1));
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toBeUndefined();
  });

  it('that leaves less pending in place of one that leaves more', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const better = record([[4, 'closed/conn-refused']]);
    await store.putCoverage(
      scan.id,
      record([
        [1, 'closed/conn-refused'],
        [3, 'pending'],
      ]),
    );
    await store.putCoverage(scan.id, better);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(better);
  });

  it('against one that gave the chunk up, however late it comes, and in place of such a one', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const givenUp: Run[] = [
      [1, 'closed/conn-refused'],
      [3, 'unprobed/chunk-failed'],
    ];
    const settled: Run[] = [[4, 'closed/conn-refused']];
    for (const [chunk, order] of [
      [0, [settled, givenUp]],
      [1, [givenUp, [[4, 'pending']], settled]],
    ] as const) {
      for (const runs of order) await store.putCoverage(scan.id, record(runs as Run[], chunk));
      expect(await store.readCoverage(scan.id, chunkNumber(chunk))).toEqual(record(settled, chunk));
    }
  });

  it('against a record that leaves more pending, however late it comes', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const better = record([
      [3, 'filtered/no-response'],
      [1, 'pending'],
    ]);
    await store.putCoverage(scan.id, better);
    await store.putCoverage(
      scan.id,
      record([
        [2, 'open/syn-ack'],
        [2, 'pending'],
      ]),
    );
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(better);
  });

  it('of the later one of two that leave the same pending', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const later = record([[4, 'filtered/no-response']]);
    await store.putCoverage(scan.id, record([[4, 'unprobed/deadline']]));
    await store.putCoverage(scan.id, later);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(later);
  });

  it('that leaves least pending, whatever the order of concurrent writers', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const records = [5, 2, 9, 1, 7, 3].map((pending) =>
      record([
        [10 - pending, 'closed/conn-refused'],
        [pending, 'pending'],
      ]),
    );
    await Promise.all(records.map((each) => store.putCoverage(scan.id, each)));
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(records[3]);
  });
}

export function treeNodes(storeWith: StoreWith): void {
  const leaf = { level: 1, index: 0 };

  it('as empty nodes at first', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    expect(await store.readNode(scan.id, leaf)).toEqual({ done: new Set(), failed: new Set() });
  });

  it('and tells with each slot what the node holds now', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    expect(await store.addToNode(scan.id, leaf, 4, false)).toEqual({ done: new Set([4]), failed: new Set() });
    expect(await store.addToNode(scan.id, leaf, 0, true)).toEqual({ done: new Set([0, 4]), failed: new Set([0]) });
    expect(await store.readNode(scan.id, leaf)).toEqual({ done: new Set([0, 4]), failed: new Set([0]) });
  });

  it('unmoved by a repeat', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.addToNode(scan.id, leaf, 4, false);
    expect(await store.addToNode(scan.id, leaf, 4, false)).toEqual({ done: new Set([4]), failed: new Set() });
    await store.addToNode(scan.id, leaf, 5, true);
    expect(await store.addToNode(scan.id, leaf, 5, true)).toEqual({ done: new Set([4, 5]), failed: new Set([5]) });
  });

  it('with a slot that had an answer as done, whether the failure came before it or after', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const answered = { done: new Set([1]), failed: new Set() };
    await store.addToNode(scan.id, leaf, 1, true);
    expect(await store.addToNode(scan.id, leaf, 1, false)).toEqual(answered);
    expect(await store.addToNode(scan.id, leaf, 1, true)).toEqual(answered);
  });

  it('node by node, level by level, scan by scan', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.addToNode(scan.id, leaf, 1, false);
    await store.addToNode(scan.id, { level: 1, index: 1 }, 2, false);
    await store.addToNode(scan.id, { level: 2, index: 0 }, 3, false);
    expect((await store.readNode(scan.id, leaf)).done).toEqual(new Set([1]));
    expect((await store.readNode(scan.id, { level: 1, index: 1 })).done).toEqual(new Set([2]));
    expect((await store.readNode(scan.id, { level: 2, index: 0 })).done).toEqual(new Set([3]));
    expect((await store.readNode(other.id, leaf)).done).toEqual(new Set());
  });

  it('so that of concurrent writers at least the last one sees the node full', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const slots = Array.from({ length: 256 }, (_, slot) => slot);
    const seen = await Promise.all(slots.map((slot) => store.addToNode(scan.id, leaf, slot, slot % 10 === 0)));
    expect(seen.some(({ done }) => done.size === 256)).toBe(true);
    for (const [slot, { done }] of seen.entries()) expect(done.has(slot)).toBe(true);
    const full = await store.readNode(scan.id, leaf);
    expect(full.done).toEqual(new Set(slots));
    expect(full.failed).toEqual(new Set(slots.filter((slot) => slot % 10 === 0)));
  });
}
