import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetOf } from '../../../lambdas/deployed-fleet.ts';
import { CHUNKS_PER_TURN, WORKER_SOCKETS } from '../../../shared/domain/limits.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { type Address, chunkNumber, millis, type ScanId } from '../../../shared/domain/units.ts';
import { addUsage, NO_USAGE, type Usage } from '../../../shared/domain/usage.ts';
import { sendWindow } from '../../../shared/plan/send-window.ts';
import type { Outgoing } from '../../../shared/seams/chunk-queue.ts';
import type { ChunkRange } from '../../../shared/seams/range-queue.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { startScan } from '../../../shared/usecases/send-chunks.ts';
import { takeTurn } from '../../../shared/usecases/send-turn.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

/** A scan of one address a chunk, whose ports take a worker so many seconds where all of them are silent. */
function scanOf(chunks: number, seconds: number, status: Scan['status'] = 'planned'): Scan {
  const scan = sampleScan({ status });
  const portCount = (WORKER_SOCKETS / ATTEMPTS) * seconds;
  const geometry = { addressCount: chunks, portCount, kind: 'whole', size: 1, chunks, lanes: 1 } as const;
  const addresses = [{ first: '10.0.0.0' as Address, last: '10.255.255.255' as Address }];
  return { ...scan, plan: { ...scan.plan, addresses, geometry } };
}

/** A silent port gets two, a second each. */
const ATTEMPTS = 2;

/** A fleet over virtual time, second by second: a queue in order, and workers that take equally long for each chunk. */
function fleetBench(workers: number, chunkSeconds: number) {
  const store = makeMemoryScanStore();
  const clock = manualClock();
  const active = new Set<ScanId>();
  const used = new Map<ScanId, Usage>();
  const queue: Outgoing[] = [];
  const waiting: { readonly range: ChunkRange; readonly at: number }[] = [];
  const busy: { readonly message: Outgoing['message']; readonly until: number }[] = [];
  const begun: { readonly scan: ScanId; readonly chunk: number; readonly key: string; readonly at: number }[] = [];
  let [now, mostSent] = [0, 0];
  const deps = {
    store,
    clock,
    fleet: fleetOf(workers),
    usage: { over: async (id: ScanId) => used.get(id) ?? NO_USAGE },
    activeScans: async () => active.size,
    queue: {
      send: async (messages: readonly Outgoing[]) => {
        queue.push(...messages);
        mostSent = Math.max(mostSent, messages.length);
      },
    },
    ranges: {
      send: async (ranges: readonly ChunkRange[], delay = 0) =>
        void waiting.push(...ranges.map((range) => ({ range, at: now + delay }))),
    },
  };
  const scans = new Map<ScanId, Scan>();

  async function second(): Promise<void> {
    now += 1;
    clock.advance(millis(1_000));
    for (const { message } of busy.filter(({ until }) => until <= now)) {
      const id = message.scanId;
      const delivery = { deliveries: 1, ended: 1, millis: chunkSeconds * 1_000, writeUnits: 1 };
      used.set(id, addUsage(used.get(id) ?? NO_USAGE, delivery));
      const scan = scans.get(id) ?? expect.unreachable();
      if (await completeChunk(deps, scan, message.chunk, 'settled')) active.delete(id);
    }
    busy.splice(0, busy.length, ...busy.filter(({ until }) => until > now));
    const due = waiting.filter(({ at }) => at <= now);
    waiting.splice(0, waiting.length, ...waiting.filter(({ at }) => at > now));
    for (const { range } of due) await takeTurn(range, deps);
    while (busy.length < workers) {
      const next = queue.shift();
      if (!next) break;
      busy.push({ message: next.message, until: now + chunkSeconds });
      begun.push({ scan: next.message.scanId, chunk: next.message.chunk, key: next.deduplicationKey, at: now });
    }
  }

  return {
    store,
    deps,
    queue,
    waiting,
    begun,
    mostSent: () => mostSent,
    submit: async (chunks: number, limit?: number): Promise<Scan> => {
      const priced = limit !== undefined && { cost: { ...UNPRICED, limit } };
      const scan = { ...scanOf(chunks, chunkSeconds), submittedAt: clock.wall(), ...priced };
      await store.createScan(scan);
      scans.set(scan.id, scan);
      active.add(scan.id);
      await startScan(scan, deps);
      return scan;
    },
    known: async (scan: Scan) => {
      await store.createScan(scan);
      scans.set(scan.id, scan);
      active.add(scan.id);
    },
    run: async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed++) await second();
    },
    begunOf: ({ id }: Scan) => begun.filter(({ scan }) => scan === id),
  };
}

/** A dollar for a second of a worker, and nothing else. */
const NOTHING = { atLeast: 0, expected: 0, ifSilent: 0 };
const PRICES = { memoryGb: 1, perGbSecond: 1, perInvocation: 0, perQueueRequest: 0, perWriteUnit: 0 };
const UNPRICED = { prices: PRICES, estimate: NOTHING, seconds: NOTHING };

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('A scan that is sent on its way', () => {
  it('leaves at once when the fleet takes it within a minute, and runs before its first chunk is out', async () => {
    const { submit, store, queue, waiting } = fleetBench(10, 5);
    const scan = await submit(13);
    expect((await store.readScan(scan.id))?.status).toBe('running');
    expect(queue.map(({ message }) => Number(message.chunk))).toEqual(upTo(13));
    expect(waiting).toEqual([]);
  });

  it('gets every chunk worked on once, and never has more sent than the fleet takes in a minute', async () => {
    const { submit, run, queue, begunOf, store, mostSent } = fleetBench(20, 4);
    const scan = await submit(2_000);
    let most = 0;
    for (let minute = 0; minute < 8; minute++) {
      for (let second = 0; second < 60; second++) {
        await run(1);
        most = Math.max(most, queue.length);
      }
    }
    expect(
      begunOf(scan)
        .map(({ chunk }) => chunk)
        .sort((a, b) => a - b),
    ).toEqual(upTo(2_000));
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
    expect(most).toBeLessThanOrEqual((20 * 60) / 4);
    expect(mostSent()).toBeLessThanOrEqual(CHUNKS_PER_TURN);
    // 2,000 chunks of 4 s on 20 workers are 400 s; the queue never ran dry for long.
    expect(begunOf(scan).at(-1)?.at).toBeLessThan(450);
  });

  it('lets a scan of one host have workers within a minute, however long the scan before it is', async () => {
    const { submit, run, begunOf } = fleetBench(100, 20);
    await submit(200_000);
    await run(300);
    const small = await submit(13);
    await run(60);
    expect(begunOf(small)).toHaveLength(13);
  });

  it('takes turns with others: two long ones get the same share of the workers', async () => {
    const { submit, run, begunOf } = fleetBench(50, 2);
    const first = await submit(100_000);
    await run(200);
    const before = begunOf(first).length;
    const second = await submit(100_000);
    await run(120);
    const [a, b] = [begunOf(first).length, begunOf(second).length];
    await run(200);
    const shares = [begunOf(first).length - a, begunOf(second).length - b];
    expect(before).toBeGreaterThan(0.9 * 200 * 25);
    for (const share of shares) expect(share).toBeGreaterThan(0.4 * 200 * 25);
  });

  it('sends nothing more once it is cancelled', async () => {
    const { submit, store, run, queue, begunOf } = fleetBench(10, 5);
    const scan = await submit(5_000);
    await run(20);
    await store.changeStatus(scan.id, 'running', 'cancelled', scan.submittedAt);
    const sent = begunOf(scan).length + queue.length;
    await run(100);
    expect(begunOf(scan).length + queue.length).toBe(sent);
  });

  it.each([
    ['has more chunks to send', 5_000],
    ['has sent them all', 20],
  ])('is cancelled when it has cost what it may, where it %s', async (_, chunks) => {
    const { submit, store, run, begunOf, queue } = fleetBench(10, 15);
    const scan = await submit(chunks, 140);
    await run(14);
    expect((await store.readScan(scan.id))?.status).toBe('running');
    await run(11);
    expect((await store.readScan(scan.id))?.status).toBe('cancelled');
    const sent = begunOf(scan).length + queue.length;
    await run(60);
    expect(begunOf(scan).length + queue.length).toBe(sent);
  });

  it('is not held to the limit that it was submitted with where its range names a higher one', async () => {
    const { known, deps, queue } = fleetBench(10, 15);
    const scan: Scan = { ...scanOf(40, 15, 'running'), cost: { ...UNPRICED, limit: 5 } };
    await known(scan);
    const spent = { ...deps, usage: { over: async () => ({ ...NO_USAGE, millis: 7_000 }) } };
    const range = { scanId: scan.id, first: 0, count: 40, generation: 1 };
    await takeTurn({ ...range, costLimit: 10 }, spent);
    expect(queue.length).toBeGreaterThan(0);
    expect((await deps.store.readScan(scan.id))?.status).toBe('running');
    await takeTurn({ ...range, costLimit: 6 }, spent);
    expect((await deps.store.readScan(scan.id))?.status).toBe('cancelled');
  });

  it('has another key for each time it is sent, which a queue that remembers keys takes', async () => {
    const { known, deps, queue } = fleetBench(10, 5);
    const scan = scanOf(2, 5, 'running');
    await known(scan);
    for (const generation of [0, 1, 2]) await takeTurn({ scanId: scan.id, first: 0, count: 2, generation }, deps);
    expect(new Set(queue.map(({ deduplicationKey }) => deduplicationKey)).size).toBe(6);
  });

  it('is sent again without the chunks that have ended', async () => {
    const { known, deps, queue } = fleetBench(10, 5);
    const scan = scanOf(700, 5, 'running');
    await known(scan);
    for (let chunk = 0; chunk < 700; chunk++) {
      if (chunk % 100 !== 7) await completeChunk(deps, scan, chunkNumber(chunk), 'settled');
    }
    let range: ChunkRange | undefined = { scanId: scan.id, first: 7, count: 601, generation: 1 };
    const { ranges } = deps;
    const rest: ChunkRange[] = [];
    const again = {
      ...deps,
      ranges: { ...ranges, send: async (more: readonly ChunkRange[]) => void rest.push(...more) },
    };
    for (; range; range = rest.shift()) await takeTurn(range, again);
    expect(queue.map(({ message }) => Number(message.chunk))).toEqual([7, 107, 207, 307, 407, 507, 607]);
  });

  it('has no chunks beyond its last, whatever a message says', async () => {
    const { known, deps, queue } = fleetBench(10, 5);
    const scan = scanOf(7, 5, 'running');
    await known(scan);
    await takeTurn({ scanId: scan.id, first: 5, count: 1_000_000, generation: 0, sentFrom: 1e9, window: 3 }, deps);
    await takeTurn({ scanId: scan.id, first: 1e9, count: 3, generation: 0 }, deps);
    expect(queue.map(({ message }) => Number(message.chunk))).toEqual([5, 6]);
  });
});

describe('The window of a scan', () => {
  const loads = fc.record({
    workers: fc.integer({ min: 2, max: 1_000 }),
    scans: fc.integer({ min: 1, max: 100 }),
    chunkSeconds: fc.double({ min: 0.05, max: 60_000, noNaN: true }),
    depth: fc.integer({ min: 1, max: 13 }),
    outstanding: fc.nat(100_000),
    window: fc.integer({ min: 1, max: 1_000_000 }),
  });

  it('holds at least a chunk, and no more than one in each hand and 40 seconds of work, or its lanes', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const window = sendWindow(load);
        const most = load.workers * (1 + Math.max(40 / load.chunkSeconds, load.depth - 1));
        expect(window).toBeGreaterThanOrEqual(1);
        expect(window).toBeLessThanOrEqual(Math.ceil(most));
      }),
    );
  });

  it('grows while its workers find nothing to do, and falls back to its share otherwise', () => {
    const load = { workers: 100, scans: 4, chunkSeconds: 10, depth: 1 };
    expect(sendWindow({ ...load, outstanding: 0 })).toBe(125);
    expect(sendWindow({ ...load, outstanding: 0, window: 125 })).toBe(250);
    expect(sendWindow({ ...load, outstanding: 0, window: 400 })).toBe(500);
    expect(sendWindow({ ...load, outstanding: 400, window: 400 })).toBe(300);
    expect(sendWindow({ ...load, outstanding: 100, window: 130 })).toBe(125);
  });
});
