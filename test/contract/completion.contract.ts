import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChunkCoverage } from '../../shared/domain/coverage.ts';
import { COMPLETION_FAN_IN, MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import type { ChunkMessage, Scan } from '../../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber, epochMillis, type Millis, millis } from '../../shared/domain/units.ts';
import { depthOf, treeShape } from '../../shared/plan/completion-tree.ts';
import type { ChunkQueue, Delivery, Outgoing } from '../../shared/seams/chunk-queue.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { findMissingChunks } from '../../shared/usecases/find-missing-chunks.ts';
import { Crash, crashing, type Random, seededRandom } from '../helpers/faults.ts';
import { coverageOfChunk, findingsOfChunk, sampleScan } from '../helpers/sample-scan.ts';
import type { MakeQueue } from './queue-bench.ts';
import type { MakeStore } from './store-bench.ts';

/** The abuse of DESIGN's table: a worker dies with 15 % probability before each write, and again after it. */
const CRASH = 0.15;
const DUPLICATES = 0.15;
const WORKERS = 12;

/** So often that no chunk of these sizes is ever given up: a delivery gets through with (0.85²)⁶ ≈ 14 %. */
const WITHOUT_END = 10_000;

interface Size {
  readonly chunks: number;
  readonly fanIn: number;
}

/** How a scan is cut, and under how many seeds it is worked off: the more chunks, the more crashes one seed has. */
const SIZES: readonly (Size & { readonly seeds: number })[] = [
  { chunks: 1, fanIn: COMPLETION_FAN_IN, seeds: 2 },
  { chunks: 256, fanIn: COMPLETION_FAN_IN, seeds: 1 },
  { chunks: 257, fanIn: COMPLETION_FAN_IN, seeds: 1 },
  { chunks: 60, fanIn: 4, seeds: 2 },
  { chunks: 33, fanIn: 2, seeds: 2 },
];

/**
 * Completion is derived, never counted (DESIGN, section 5). Workers that die between any two writes, chunks delivered
 * twice at once or long after the end: the scan is finalised once, not before every chunk has ended, and nothing that
 * was found is lost or stored twice.
 */
export function completionContract(name: string, makeStore: MakeStore, makeQueue: MakeQueue): void {
  const setUp = async (size: Size, seed: number, maxDeliveries: number): Promise<Fleet> => {
    const store = await makeStore();
    const queue = await makeQueue(maxDeliveries);
    onTestFinished(async () => {
      await queue.close();
      await store.close();
    });
    const scan = sampleScan({ status: 'running', chunks: size.chunks });
    await store.createScan(scan);
    return makeFleet({ ...size, scan, store, random: seededRandom(seed), ...queue, queue: queue.queueOf(scan.id) });
  };

  describe(`${name} under duplicates and crashes`, () => {
    describe.each(SIZES)('$chunks chunks, fan-in $fanIn', (size) => {
      it.each([1, 2].slice(0, size.seeds))(
        'all settled: one finalisation, never early, nothing lost (seed %i)',
        async (seed) => {
          const fleet = await setUp(size, seed, WITHOUT_END);
          await fleet.send();
          await fleet.work();
          expect(fleet.finalisations).toEqual([{ ended: size.chunks }]);
          expect(await fleet.failedChunks()).toEqual([]);
          await expectFindingsOf(fleet, fleet.chunks);
          await fleet.workGhosts();
          expect(fleet.finalisations).toHaveLength(1);
        },
      );

      it.each([3, 4].slice(0, size.seeds))(
        'some given up, messages lost: the sweep ends it all the same (seed %i)',
        async (seed) => {
          const fleet = await setUp(size, seed, MAX_DELIVERIES);
          await fleet.work();
          expect(fleet.finalisations).toEqual([]);
          // The sender died before it had sent anything: the first sweep sends every chunk.
          for (let sweeps = 0; sweeps < MOST_SWEEPS && fleet.finalisations.length === 0; sweeps++) {
            await fleet.sweep();
            await fleet.work();
          }
          expect(fleet.finalisations).toEqual([{ ended: size.chunks }]);
          const failed = await fleet.failedChunks();
          await expectFindingsOf(
            fleet,
            fleet.chunks.filter((chunk) => !failed.includes(chunk)),
          );
          await fleet.workGhosts();
          expect(fleet.finalisations).toHaveLength(1);
        },
      );
    });
  });
}

/** Each sweep sends again what is missing, and of that a third at least ends: 33 in a row leave nothing of 257. */
const MOST_SWEEPS = 100;

async function expectFindingsOf({ store, scan }: Fleet, chunks: readonly ChunkNumber[]): Promise<void> {
  const stored = [];
  for (const chunk of chunks) {
    const findings = [...(await store.readFindings(scan.id, chunk))].sort((a, b) => a.port - b.port);
    stored.push([findings, await store.readCoverage(scan.id, chunk)]);
  }
  expect(stored).toEqual(chunks.map((chunk) => [findingsOfChunk(chunk), coverageOfChunk(chunk)]));
}

const outgoingOf = ({ id }: Scan, chunk: ChunkNumber): Outgoing => ({
  message: { scanId: id, chunk },
  group: `${id} ${chunk}`,
  deduplicationKey: `${id} ${chunk}`,
});

interface Fleet {
  readonly scan: Scan;
  readonly chunks: readonly ChunkNumber[];
  /** Without faults, for looking. */
  readonly store: ScanStore;
  /** One entry for each time the scan was moved to finalizing, with how many chunks had ended by then. */
  readonly finalisations: readonly { readonly ended: number }[];
  send(): Promise<void>;
  /** Until the queue is empty. */
  work(): Promise<void>;
  sweep(): Promise<void>;
  /** The duplicates that were kept back, long after the end. */
  workGhosts(): Promise<void>;
  failedChunks(): Promise<ChunkNumber[]>;
}

interface Parts extends Size {
  readonly scan: Scan;
  readonly store: ScanStore;
  readonly queue: ChunkQueue;
  readonly random: Random;
  readonly visibility: Millis;
  elapse(time: Millis): Promise<void>;
}

function makeFleet({ chunks, fanIn, scan, store, queue, random, visibility, elapse }: Parts): Fleet {
  const ended = new Set<ChunkNumber>();
  const finalisations: { ended: number }[] = [];
  const ghosts: Delivery[] = [];
  const numbers = Array.from({ length: chunks }, (_, at) => chunkNumber(at));

  const witness = (method: string, args: readonly unknown[], result: unknown): void => {
    // The coverage record is a worker's last word before it completes the chunk.
    if (method === 'putCoverage') ended.add((args[1] as ChunkCoverage).chunk);
    if (method === 'changeStatus' && result === true) finalisations.push({ ended: ended.size });
  };
  const faults = { random, crash: CRASH, witness };
  const shakyStore = crashing(store, ['putFindings', 'putCoverage', 'addToNode', 'changeStatus'], faults);
  const shakyQueue = crashing(queue, ['send', 'delete', 'takeDeadLetters'], faults);
  const deps = { store: shakyStore, clock: { wall: () => epochMillis(1_795_348_900_000) }, fanIn };

  const runChunk = async (delivery: Delivery): Promise<void> => {
    const { chunk } = delivery.message;
    await shakyStore.putFindings(scan.id, chunk, findingsOfChunk(chunk));
    await shakyStore.putCoverage(scan.id, coverageOfChunk(chunk));
    await completeChunk(deps, scan, chunk, 'settled');
    await shakyQueue.delete(delivery);
  };
  const buryChunk = async ({ chunk }: ChunkMessage): Promise<void> => {
    ended.add(chunk);
    await completeChunk(deps, scan, chunk, 'failed');
  };
  const step = async (delivery: Delivery): Promise<void> => {
    if (random() < DUPLICATES) ghosts.push(delivery);
    const twice = random() < DUPLICATES;
    await Promise.all([survive(runChunk(delivery)), twice && survive(runChunk(delivery))]);
  };
  const worker = async (): Promise<void> => {
    for (;;) {
      const ghost = random() < DUPLICATES ? ghosts.shift() : undefined;
      if (ghost) await survive(runChunk(ghost));
      const [delivery] = await queue.receive(1, visibility);
      if (!delivery) return;
      await step(delivery);
    }
  };
  const buryAll = async (): Promise<void> => {
    for (;;) {
      const letters = await survive(shakyQueue.takeDeadLetters(3));
      if (letters?.length === 0) return;
      for (const letter of letters ?? []) await survive(buryChunk(letter));
    }
  };

  return {
    scan,
    chunks: numbers,
    store,
    finalisations,
    send: () => queue.send(numbers.map((chunk) => outgoingOf(scan, chunk))),
    work: async () => {
      do {
        await Promise.all(Array.from({ length: WORKERS }, worker));
        await buryAll();
        // Whatever dead workers still hold becomes visible.
        await elapse(millis(visibility + 1));
      } while ((await queue.depth()) > 0);
    },
    sweep: async () => {
      const missing = await survive(findMissingChunks(deps, scan));
      await survive(shakyQueue.send((missing ?? []).map((chunk) => outgoingOf(scan, chunk))));
    },
    workGhosts: async () => {
      for (const ghost of ghosts) await survive(runChunk(ghost));
    },
    failedChunks: () => failedChunks(store, scan, { chunks, fanIn }),
  };
}

/** A worker's death is part of the test; any other error is not. Gives undefined for the dead. */
async function survive<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}

/** Also makes sure that the tree is full, down to the last slot. */
async function failedChunks(store: ScanStore, { id }: Scan, { chunks, fanIn }: Size): Promise<ChunkNumber[]> {
  const failed: ChunkNumber[] = [];
  let below = chunks;
  for (let level = 1; level <= depthOf(treeShape(chunks, fanIn)); level++) {
    let done = 0;
    for (let index = 0; index < Math.ceil(below / fanIn); index++) {
      const node = await store.readNode(id, { level, index });
      done += node.done.size;
      failed.push(...[...node.failed].map((slot) => chunkNumber(index * fanIn + slot)));
    }
    expect(done).toBe(below);
    below = Math.ceil(below / fanIn);
  }
  return failed;
}
