import { expect, it } from 'vitest';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { freshScanId, sampleFinding, sampleScan, sampleTimingHints } from '../helpers/sample-scan.ts';
import type { MakeStore, StoreWith } from './store-bench.ts';

export function scanRecords(emptyStore: MakeStore, storeWith: StoreWith): void {
  it('gives back what was put in, to the last field', async () => {
    const scan = sampleScan({ chunks: 3 });
    const store = await storeWith(scan);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('gives back who submitted it, where anybody did', async () => {
    const submittedBy = { caller: 'arn:aws:iam::111122223333:user/alice', sourceAddress: null };
    const scan = sampleScan({ submittedBy });
    const store = await storeWith(scan);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('knows no scan it was never given', async () => {
    const store = await storeWith(sampleScan());
    expect(await store.readScan(freshScanId())).toBeUndefined();
  });

  it('refuses a second scan of the same id and keeps the first', async () => {
    const scan = sampleScan({ chunks: 3 });
    const store = await storeWith(scan);
    expect(await store.createScan({ ...scan, status: 'running', plan: sampleScan({ chunks: 9 }).plan })).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('lets one of many concurrent creators win', async () => {
    const store = await emptyStore();
    const scan = sampleScan();
    const created = await Promise.all(Array.from({ length: 20 }, () => store.createScan(scan)));
    expect(created.filter(Boolean)).toHaveLength(1);
  });
}

export function scanLists(emptyStore: MakeStore): void {
  const storeOf = async (count: number): Promise<{ store: ScanStore; newestFirst: string[] }> => {
    const store = await emptyStore();
    const scans = Array.from({ length: count }, () => sampleScan());
    // Stored in another order than they were submitted in.
    for (const scan of [...scans.slice(1), ...scans.slice(0, 1)]) await store.createScan(scan);
    return { store, newestFirst: scans.map(({ id }) => id).reverse() };
  };
  const ids = (items: readonly Scan[]): string[] => items.map(({ id }) => id);

  it('newest first', async () => {
    const { store, newestFirst } = await storeOf(5);
    const page = await store.listScans({ limit: 10 });
    expect(ids(page.items)).toEqual(newestFirst);
    expect(page.cursor).toBeNull();
  });

  it('whole, as they are stored', async () => {
    const store = await emptyStore();
    const scan = sampleScan({ chunks: 4 });
    await store.createScan(scan);
    expect((await store.listScans({ limit: 1 })).items).toEqual([scan]);
  });

  it('page by page, each once, though new ones come in between', async () => {
    const { store, newestFirst } = await storeOf(7);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ScanStore['listScans']>> = await store.listScans({
        limit: 3,
        ...(cursor !== null && { cursor }),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...ids(page.items));
      cursor = page.cursor;
      await store.createScan(sampleScan());
    } while (cursor !== null);
    expect(seen).toEqual(newestFirst);
  });

  it('with no cursor behind the last page, even a full one', async () => {
    const { store } = await storeOf(6);
    const first = await store.listScans({ limit: 3 });
    const second = await store.listScans({ limit: 3, cursor: first.cursor ?? '' });
    expect(second.items).toHaveLength(3);
    expect(second.cursor).toBeNull();
  });

  it('by the beginning of their ids', async () => {
    const store = await emptyStore();
    const withId = (id: string): Scan => sampleScan({ id: id as Scan['id'] });
    await store.createScan(withId('01ARZ3NDEKTSV4RRFFQ69G5FAV'));
    await store.createScan(withId('01ARZ3NDEKTSV4RRFFQ69G5FZZ'));
    await store.createScan(withId('01ARZ3NDEMTSV4RRFFQ69G5FAV'));
    expect(ids((await store.listScans({ limit: 9, prefix: '01ARZ3NDEK' })).items)).toEqual([
      '01ARZ3NDEKTSV4RRFFQ69G5FZZ',
      '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    ]);
    expect((await store.listScans({ limit: 9, prefix: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })).items).toHaveLength(1);
    expect((await store.listScans({ limit: 9, prefix: '01B' })).items).toEqual([]);
    const first = await store.listScans({ limit: 1, prefix: '01ARZ3NDEK' });
    expect(ids((await store.listScans({ limit: 1, prefix: '01ARZ3NDEK', cursor: first.cursor ?? '' })).items)).toEqual([
      '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    ]);
  });

  it('as an empty page where there are none', async () => {
    const store = await emptyStore();
    expect(await store.listScans({ limit: 5 })).toEqual({ items: [], cursor: null });
  });
}

export function deletion(emptyStore: MakeStore): void {
  it('with everything of theirs, and nothing of the others', async () => {
    const [scan, other] = [sampleScan({ chunks: 2 }), sampleScan()];
    const learnt = sampleTimingHints();
    const store = await emptyStore();
    for (const each of [scan, other]) {
      await store.createScan(each);
      await store.putFindings(each.id, chunkNumber(0), [sampleFinding(80)]);
      await store.putCoverage(each.id, { chunk: chunkNumber(0), runs: [[1, 'open/syn-ack']], tally: NO_PROBES });
      await store.putTimingHints(each.id, learnt);
      await store.addToNode(each.id, { level: 1, index: 0 }, 0, false);
    }
    await store.deleteScan(scan.id);

    expect(await store.readScan(scan.id)).toBeUndefined();
    expect((await store.listScans({ limit: 9 })).items).toEqual([other]);
    expect(await store.readFindings(other.id, chunkNumber(0))).toHaveLength(1);
    expect(await store.readTimingHints(other.id, learnt.address)).toEqual(learnt);
    // Under the same id again, nothing of the past comes back.
    expect(await store.createScan(scan)).toBe(true);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toBeUndefined();
    expect(await store.readTimingHints(scan.id, learnt.address)).toBeUndefined();
    expect((await store.readNode(scan.id, { level: 1, index: 0 })).done).toEqual(new Set());
  });

  it('that are not there without a word', async () => {
    const store = await emptyStore();
    await expect(store.deleteScan(freshScanId())).resolves.toBeUndefined();
  });
}
