import { PortfleetError } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { chunkNumber, type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import { makeStop, sleep } from '../../shared/seams/sleep.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { submitScan } from '../../shared/usecases/send-chunks.ts';
import type { LocalNode } from '../local-node.ts';

/** Runs the scans that are submitted to a server, in the order in which they came. */
export interface ScanRunner {
  /** Queues a stored scan. One that is queued, or running, stays where it is. */
  enqueue(id: ScanId): void;
  /** Queues what an earlier server, or this one before it was stopped, did not finish. Gives how many. */
  resume(): Promise<number>;
  /** Ends the runs, not the scans: what is not finished is for `resume`. */
  stop(): Promise<void>;
}

export interface RunnerDeps {
  readonly node: LocalNode;
  readonly clock: Clock;
  readonly log: Log;
  readonly workers: number;
  /** The worker's bundle. */
  readonly workerModule: string;
  /** Before a scan whose fleet failed is run again. */
  readonly pause?: Millis;
}

/** Each scan has a fleet of its own, a process for every core. Two let a short scan pass a long one. */
const SCANS_AT_ONCE = 2;

/** A fleet that fails three times, with pauses between, fails for a reason that stays. */
const TRIES = 3;

const PAUSE = millis(5_000);

/**
 *   enqueue ──▶ waiting ──▶ running ─┬─ over ──▶ (forgotten)
 *                              ▲     ├─ fleet failed ──pause──▶ running, at most TRIES times
 *                              └─────┘        └──▶ every chunk that is left ends as failed: complete-with-gaps
 *
 * waiting    `planned` in the store. A cancelled one is found to be over when its turn comes.
 * running    `running` in the store, with the lease in our hands
 */
export function makeScanRunner(deps: RunnerDeps): ScanRunner {
  const waiting: ScanId[] = [];
  const known = new Set<ScanId>();
  const runs = new Set<Promise<void>>();
  const stopping = new AbortController();
  const fill = (): void => {
    while (runs.size < SCANS_AT_ONCE && !stopping.signal.aborted) {
      const id = waiting.shift();
      if (id === undefined) return;
      const work: Promise<void> = runToTheEnd(id, deps, stopping.signal).finally(() => {
        runs.delete(work);
        known.delete(id);
        fill();
      });
      runs.add(work);
    }
  };
  const enqueue = (id: ScanId): void => {
    if (known.has(id) || stopping.signal.aborted) return;
    known.add(id);
    waiting.push(id);
    fill();
  };
  return {
    enqueue,
    async resume() {
      const unfinished = await unfinishedScans(deps.node);
      for (const id of unfinished) enqueue(id);
      return unfinished.length;
    },
    async stop() {
      stopping.abort();
      await Promise.all(runs);
    },
  };
}

/** More than one page of a list would be held in memory at once for nothing. */
const PAGE = 100;

/** Oldest first. Scans of the command line are left to whoever interrupted them. */
async function unfinishedScans({ store }: LocalNode): Promise<ScanId[]> {
  const found: ScanId[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.listScans({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    found.push(...page.items.filter(({ status, submittedBy }) => submittedBy && !isOver(status)).map(({ id }) => id));
    cursor = page.cursor;
  }
  return found.reverse();
}

/** Never throws: a scan that cannot be run must not take the server with it. */
async function runToTheEnd(id: ScanId, deps: RunnerDeps, signal: AbortSignal): Promise<void> {
  for (let tried = 1; !signal.aborted; tried++) {
    try {
      return await run(id, deps, signal);
    } catch (error) {
      const errors = error instanceof PortfleetError ? error.errors : [];
      const codes = errors.map(({ code }) => code).join(' ') || String(error);
      deps.log.warn('scan-failed', { scan: id, tried, codes });
      // Another process runs it, or it was deleted meanwhile: nothing here is ours to repair.
      if (errors.some(({ code }) => code === 'SCAN_ALREADY_RUNNING' || code === 'SCAN_NOT_FOUND')) return;
      if (tried >= TRIES) return giveUp(id, deps);
      await pause(deps, signal);
    }
  }
}

async function run(id: ScanId, { node, clock, log, workers, workerModule }: RunnerDeps, signal: AbortSignal) {
  const scan = await node.store.readScan(id);
  if (!scan || isOver(scan.status)) return;
  const isNew = scan.status === 'planned';
  const submitted = isNew ? await submitScan(scan, { store: node.store, queue: node.queueOf(id), clock }) : scan;
  const events = { onFound: () => {}, onProgress: () => {} };
  const after = await node.run(submitted, {
    workers,
    workerModule,
    events,
    signal,
    log,
    start: isNew ? 'new' : 'resumed',
  });
  log.info('scan-ended', { scan: id, status: after.status });
}

/** Every scan ends: the chunks that no fleet could probe are its gaps. */
async function giveUp(id: ScanId, { node: { store }, clock, log }: RunnerDeps): Promise<void> {
  try {
    const chunks = (await store.readScan(id))?.plan.geometry.chunks ?? 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      await failChunk({ store, clock }, { scanId: id, chunk: chunkNumber(chunk) });
    }
    await aggregateScan({ store, clock }, id);
    log.warn('scan-given-up', { scan: id });
  } catch (error) {
    // A store that cannot be written either: the next server finds the scan unfinished.
    log.warn('scan-left', { scan: id, error: String(error) });
  }
}

async function pause({ clock, pause: length = PAUSE }: RunnerDeps, signal: AbortSignal): Promise<void> {
  const stop = makeStop({ clock, signal, deadline: null });
  await sleep(clock, length, stop.whenStopped);
  stop.forget();
}
