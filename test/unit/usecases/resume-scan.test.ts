import { describe, expect, it } from 'vitest';
import { makeSendAgain } from '../../../lambdas/sweeper/send-again.ts';
import type { SweepRecord } from '../../../lambdas/sweeper/sweep-record.ts';
import type { CostPlan } from '../../../shared/domain/cost.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber, type ScanId } from '../../../shared/domain/units.ts';
import { NO_USAGE } from '../../../shared/domain/usage.ts';
import type { ChunkRange } from '../../../shared/seams/range-queue.ts';
import { aggregateScan } from '../../../shared/usecases/aggregate-scan.ts';
import { cancelScan } from '../../../shared/usecases/cancel-scan.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { resumeScan } from '../../../shared/usecases/resume-scan.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryCallerStore } from '../../helpers/memory-caller-store.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { freshScanId, sampleScan } from '../../helpers/sample-scan.ts';

const NOTHING = { atLeast: 0, expected: 0, ifSilent: 0 };
const PRICES = { memoryGb: 1, perGbSecond: 1, perInvocation: 0, perQueueRequest: 0, perWriteUnit: 0 };
const COST: CostPlan = { prices: PRICES, estimate: NOTHING, seconds: { atLeast: 10, ifSilent: 1_000 }, limit: 2 };
const ALICE = { caller: 'alice', sourceAddress: null };

/** A scan of a fleet that was cancelled after three of its ten chunks and so many dollars. */
async function cancelledAt(dollars: number, secondsPerDay: number | null = null) {
  const store = makeMemoryScanStore();
  const clock = manualClock();
  const scan: Scan = { ...sampleScan({ chunks: 10, status: 'running' }), cost: COST };
  await store.createScan(scan);
  for (const chunk of [0, 1, 2]) await completeChunk({ store, clock }, scan, chunkNumber(chunk), 'settled');
  await cancelScan({ store, clock }, scan);
  const sent: ChunkRange[] = [];
  const usage = { over: async () => ({ ...NO_USAGE, millis: dollars * 1_000 }) };
  const records = { read: async () => undefined, write: async () => {} };
  const ranges = { send: async (some: readonly ChunkRange[]) => void sent.push(...some) };
  const deps = {
    store,
    clock,
    usage,
    callers: makeMemoryCallerStore(),
    quota: { probesPerDay: null, secondsPerDay, scansAtOnce: null },
    sendAgain: makeSendAgain({ records, ranges, usage, clock }),
    wake: async () => false,
    newId: freshScanId,
  };
  const stored = async (): Promise<Scan> => (await store.readScan(scan.id)) ?? expect.unreachable();
  return { sent, stored, resume: async () => resumeScan(deps, await stored(), ALICE) };
}

describe('A scan that its cost limit stopped', () => {
  it('goes on with what is left, and may cost as much again', async () => {
    const { sent, stored, resume } = await cancelledAt(2.5);
    expect(await resume()).toEqual({ ok: true, value: undefined });
    expect((await stored()).status).toBe('running');
    expect(sent).toEqual([expect.objectContaining({ first: 3, count: 7, generation: 1, costLimit: 4.5 })]);
  });

  it('takes the worker time of what is left from the day of whoever resumes it', async () => {
    const { stored, resume } = await cancelledAt(2.5, 900);
    expect(await resume()).toMatchObject({ ok: false, errors: [{ code: 'WORKER_TIME_SPENT' }] });
    expect((await stored()).status).toBe('cancelled');
  });

  it('is told from one that its owner cancelled, which is over', async () => {
    const { stored, resume, sent } = await cancelledAt(1.5);
    expect(await resume()).toMatchObject({ ok: false, errors: [{ code: 'SCAN_OVER' }] });
    expect((await stored()).status).toBe('cancelled');
    expect(sent).toEqual([]);
  });
});

describe('A scan that could not be summed up', () => {
  it('is on its way to its end again, with nothing sent, and the sweeper counts its tries anew', async () => {
    const store = makeMemoryScanStore();
    const clock = manualClock();
    const scan = sampleScan({ chunks: 3, status: 'finalizing' });
    await store.createScan(scan);
    await store.failScan(scan.id, 'finalizing', 'The scan could not be summed up in 3 sweeps.', clock.wall());
    let record: SweepRecord | undefined = {
      ...{ status: 'finalizing', missing: 0, since: clock.wall(), generation: 4, aggregations: 4 },
    };
    const records = {
      read: async () => record,
      write: async (_: ScanId, next: SweepRecord) => {
        record = next;
      },
    };
    const sent: ChunkRange[] = [];
    const ranges = { send: async (some: readonly ChunkRange[]) => void sent.push(...some) };
    const usage = { over: async () => NO_USAGE };
    const deps = {
      ...{ store, clock, usage, newId: freshScanId, callers: makeMemoryCallerStore() },
      quota: { probesPerDay: 0, scansAtOnce: 0 },
      sendAgain: makeSendAgain({ records, ranges, usage, clock }),
      wake: async () => false,
    };
    const stored = async (): Promise<Scan> => (await store.readScan(scan.id)) ?? expect.unreachable();
    expect(await resumeScan(deps, await stored(), ALICE)).toEqual({ ok: true, value: undefined });
    expect((await stored()).status).toBe('finalizing');
    expect(record?.aggregations).toBeUndefined();
    expect(sent).toEqual([]);
    await aggregateScan({ store, clock }, scan.id);
    expect((await stored()).status).toBe('complete-with-gaps');
  });
});
