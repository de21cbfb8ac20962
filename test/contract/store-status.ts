import { expect, it } from 'vitest';
import type { ScanStatus } from '../../shared/domain/scan-status.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import { freshScanId, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';
import { LATER, type StoreWith } from './store-bench.ts';

export function statusMoves(storeWith: StoreWith): void {
  it('for one of many concurrent callers', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    const moved = await Promise.all(
      Array.from({ length: 20 }, () => store.changeStatus(scan.id, 'running', 'finalizing', LATER)),
    );
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
  });

  it('to one of two ends that are asked for at once', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    const [cancelled, finalizing] = await Promise.all([
      store.changeStatus(scan.id, 'running', 'cancelled', LATER),
      store.changeStatus(scan.id, 'running', 'finalizing', LATER),
    ]);
    expect([cancelled, finalizing].filter(Boolean)).toHaveLength(1);
    expect((await store.readScan(scan.id))?.status).toBe(cancelled ? 'cancelled' : 'finalizing');
  });

  it('only from where they are', async () => {
    const scan = sampleScan({ status: 'planned' });
    const store = await storeWith(scan);
    expect(await store.changeStatus(scan.id, 'running', 'finalizing', LATER)).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('not, where there is no such scan', async () => {
    const store = await storeWith(sampleScan());
    expect(await store.changeStatus(freshScanId(), 'planned', 'running', LATER)).toBe(false);
    expect(await store.finishScan(freshScanId(), 'complete', sampleSummary(), LATER)).toBe(false);
  });

  it('to failed, with the reason', async () => {
    const scan = sampleScan({ status: 'finalizing' });
    const store = await storeWith(scan);
    expect(await store.failScan(scan.id, 'planned', 'not this one', LATER)).toBe(false);
    expect(await store.failScan(scan.id, 'finalizing', 'It is too large.', LATER)).toBe(true);
    expect(await store.readScan(scan.id)).toEqual({
      ...scan,
      status: 'failed',
      failure: 'It is too large.',
      finishedAt: LATER,
    });
    await expect(store.failScan(scan.id, 'running', 'no', LATER)).rejects.toThrow('from running to failed');
  });

  const notDrawn: [ScanStatus, ScanStatus][] = [
    ['planned', 'finalizing'],
    ['planned', 'complete'],
    ['running', 'planned'],
    ['running', 'complete'],
    ['running', 'running'],
    ['finalizing', 'running'],
    ['finalizing', 'cancelled'],
    ['complete', 'running'],
    ['cancelled', 'running'],
    ['failed', 'planned'],
  ];
  it.each(notDrawn)('never from %s to %s, which the picture does not have', async (from, to) => {
    const scan = sampleScan({ status: from });
    const store = await storeWith(scan);
    await expect(store.changeStatus(scan.id, from, to, LATER)).rejects.toThrow(`from ${from} to ${to}`);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('and writes down when one is over, but not before', async () => {
    const scan = sampleScan({ status: 'planned' });
    const store = await storeWith(scan);
    await store.changeStatus(scan.id, 'planned', 'running', LATER);
    expect(await store.readScan(scan.id)).toEqual({ ...scan, status: 'running' });
    await store.changeStatus(scan.id, 'running', 'cancelled', LATER);
    expect(await store.readScan(scan.id)).toEqual({ ...scan, status: 'cancelled', finishedAt: LATER });
  });

  it('to their end with the summary, once', async () => {
    const scan = sampleScan({ status: 'finalizing' });
    const store = await storeWith(scan);
    const summary = sampleSummary({ unprobed: { 'unprobed/deadline': 3 } });
    expect(await store.finishScan(scan.id, 'complete-with-gaps', summary, LATER)).toBe(true);
    expect(await store.finishScan(scan.id, 'complete', sampleSummary(), epochMillis(LATER + 1))).toBe(false);
    expect(await store.readScan(scan.id)).toEqual({
      ...scan,
      status: 'complete-with-gaps',
      summary,
      finishedAt: LATER,
    });
  });

  it('to their end from finalizing only', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    expect(await store.finishScan(scan.id, 'complete', sampleSummary(), LATER)).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });
}
