import { join } from 'node:path';
import { ulid } from 'ulid';
import type { ErrorValue } from '../shared/domain/errors.ts';
import { MAX_RECEIVES } from '../shared/domain/limits.ts';
import type { Scan } from '../shared/domain/scan.ts';
import type { ChunkNumber, Millis, ScanId } from '../shared/domain/units.ts';
import { steadyClock } from '../shared/net/steady-clock.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { outgoingOf } from '../shared/plan/outgoing.ts';
import type { CallerStore } from '../shared/seams/caller-store.ts';
import type { ChunkQueue } from '../shared/seams/chunk-queue.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Log } from '../shared/seams/log.ts';
import type { ScanStore } from '../shared/seams/scan-store.ts';
import type { WatchStore } from '../shared/seams/watch-store.ts';
import { aggregateScan } from '../shared/usecases/aggregate-scan.ts';
import { findMissingChunks } from '../shared/usecases/find-missing-chunks.ts';
import { sumUpAgain } from '../shared/usecases/sum-up-again.ts';
import { takeUpFailed } from '../shared/usecases/take-up-failed.ts';
import { STORE_FILE } from './data-dir.ts';
import { makeEarlySums } from './early-sums.ts';
import { runFleet } from './fleet.ts';
import { type FleetEvents, VISIBILITY } from './fleet-workers.ts';
import { makeSqliteCallerStore } from './sqlite/caller-store.ts';
import { chunksHeld, emptyQueue, makeSqliteChunkQueue } from './sqlite/chunk-queue.ts';
import { type Database, openDatabase } from './sqlite/open-database.ts';
import { leaseHolder, takeLease } from './sqlite/scan-lease.ts';
import { makeSqliteScanStore } from './sqlite/scan-store.ts';
import { makeSqliteWatchStore } from './sqlite/watch-store.ts';
import type { PrewarmedWorkers } from './worker-process.ts';

/** The one-machine deployment: one SQLite file and the worker processes over it. */
export interface LocalNode {
  readonly store: ScanStore;
  readonly callers: CallerStore;
  readonly watches: WatchStore;
  queueOf(id: ScanId): ChunkQueue;
  /**
   * Opens a scan again that ended with chunks that failed, or that could not be summed up; undefined where there is
   * nothing to take up.
   */
  takeUpFailed(scan: Scan): Promise<Scan | undefined>;
  /** Works on a scan that was submitted, or goes on with one that was interrupted, until it is over or `signal` ends it. */
  run(scan: Scan, how: RunOptions): Promise<Scan>;
  /** Another text whenever anything was written to the store, by this process or another. */
  changeCounter(): string;
  /** Some process of this machine is at it just now. */
  isRun(id: ScanId): boolean;
  /** Chunks of a scan that workers of this machine hold. */
  chunksHeld(id: ScanId): number;
  /** Gives the room of deleted scans back to the disk. */
  compact(): void;
  /**
   * To be called when something was stored, before it is said.
   *
   * @throws PortfleetError STORE_GONE
   */
  refuseGone(): void;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly workers: number;
  /** The worker's bundle. */
  readonly workerModule: string;
  /** Workers started ahead; left out, none were. */
  readonly prewarmed?: PrewarmedWorkers;
  /** `new`: the scan was submitted a moment ago. `resumed`: which of its messages still exist is not known. */
  readonly start: 'new' | 'resumed';
  readonly events: Omit<FleetEvents, 'onEnded'>;
  /** How often `events` are to tell anew how long the scan will still take; left out, they never do. */
  readonly forecastEvery?: Millis;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * `onDamaged` hears of scans and watches that a list leaves out because they cannot be read.
 *
 * @throws PortfleetError when the store cannot be opened
 */
export function openLocalNode(directory: string, onDamaged?: (error: ErrorValue) => void): LocalNode {
  const database = openDatabase(join(directory, STORE_FILE));
  const store = makeSqliteScanStore(database, onDamaged);
  const byOthers = database.prepare<{ data_version: number }>('PRAGMA data_version');
  const byUs = database.prepare<{ changes: number }>('SELECT total_changes() AS changes');
  const queueOf = (id: ScanId): ChunkQueue =>
    makeSqliteChunkQueue(database, id, systemClock, {
      maxDeliveries: MAX_RECEIVES,
      longestVisibility: VISIBILITY,
    });
  return {
    store,
    callers: makeSqliteCallerStore(database),
    watches: makeSqliteWatchStore(database, onDamaged),
    queueOf,
    takeUpFailed: async (scan) => {
      const deps = { store, clock: systemClock, newId: ulid };
      const isOpen = (await sumUpAgain(deps, scan)) || (await takeUpFailed(deps, scan)).length > 0;
      return isOpen ? store.readScan(scan.id) : undefined;
    },
    run: (scan, how) => run(scan, how, database, store, queueOf(scan.id)),
    changeCounter: () => `${byOthers.get()?.data_version}.${byUs.get()?.changes}`,
    isRun: (id) => leaseHolder(database, id, systemClock) !== undefined,
    chunksHeld: (id) => chunksHeld(database, id, systemClock),
    compact: () => {
      database.prepare('VACUUM').run();
      database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    },
    refuseGone: () => database.refuseGone(),
    close: () => store.close(),
  };
}

async function run(
  scan: Scan,
  how: RunOptions,
  database: Database,
  store: ScanStore,
  queue: ChunkQueue,
): Promise<Scan> {
  // Leases and the queue are shared with other processes, and go by the machine's clock; what is recorded does not jump.
  const clock = steadyClock();
  const deps = { store, queue, clock, log: how.log };
  const lease = takeLease(database, scan.id, process.pid, systemClock);
  try {
    if (how.start === 'resumed') await sendMissing(scan, database, deps);
    const command = {
      module: how.workerModule,
      prewarmed: how.prewarmed,
      databasePath: database.path,
      workers: workersFor(scan, how.workers),
      sockets: scan.plan.socketsPerWorker,
      forecastEvery: how.forecastEvery ?? null,
    };
    // Of a scan that somebody else began, workers that outlived him may still write what they know.
    const sums = how.start === 'new' ? makeEarlySums(scan, store) : undefined;
    const events = { ...how.events, onEnded: (chunk: ChunkNumber) => sums?.ended(chunk) };
    await runFleet(scan.id, command, { ...deps, lease }, events, how.signal);
    await aggregateScan(deps, scan.id, await sums?.settled());
    database.refuseGone();
    return (await store.readScan(scan.id)) ?? scan;
  } finally {
    lease.release();
  }
}

/** A process without a chunk of its own would only take CPU from those that have one. */
export const workersFor = ({ plan }: Pick<Scan, 'plan'>, workers: number): number =>
  Math.min(workers, plan.geometry.chunks);

/** The process that submitted or ran the scan before may have died between any two of its messages. */
async function sendMissing(
  scan: Scan,
  database: Database,
  deps: { readonly store: ScanStore; readonly queue: ChunkQueue; readonly clock: Clock },
): Promise<void> {
  await deps.store.changeStatus(scan.id, 'planned', 'running', deps.clock.wall());
  const now = await deps.store.readScan(scan.id);
  if (now?.status !== 'running') return;
  emptyQueue(database, scan.id);
  await deps.queue.send(outgoingOf(now, await findMissingChunks(deps, now)));
}
