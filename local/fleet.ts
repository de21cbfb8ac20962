import { FaultError, type Fault, fault } from '../shared/domain/errors.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { ScanStatus } from '../shared/domain/scan-status.ts';
import { type ChunkNumber, millis, type ScanId } from '../shared/domain/units.ts';
import type { ChunkQueue } from '../shared/seams/chunk-queue.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Log } from '../shared/seams/log.ts';
import type { ScanStore } from '../shared/seams/scan-store.ts';
import { failChunk } from '../shared/usecases/fail-chunk.ts';
import { makeBell } from './bell.ts';
import { LEASE_BEAT, type ScanLease } from './sqlite/scan-lease.ts';
import { startWorker, type WorkerCommand, type WorkerProcess } from './worker-process.ts';
import type { FromWorker } from './worker-messages.ts';

export interface FleetDeps {
  readonly store: ScanStore;
  readonly queue: ChunkQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: ScanLease;
}

export interface FleetEvents {
  readonly onFound: (findings: readonly Finding[]) => void;
  readonly onProgress: (chunk: ChunkNumber, settled: number) => void;
}

/** Two chunks at once: while one waits for its last timeouts, the other keeps the sockets busy. */
const CHUNKS_PER_WORKER = 2;

/** Longer than three missed beats of `LEASE_BEAT`; a fleet that dies keeps a lane of a target closed for so long. */
const VISIBILITY = millis(8_000);

/** How often the fleet looks for what no event tells: a cancelled scan, dead letters, a lane that came free. */
const LOOK_EVERY = millis(200);

/** Workers that die before they are ready, one after the other, die of something that the next will die of too. */
const STILLBIRTHS_ACCEPTED = 3;

/**
 * The event source of the one-machine deployment: takes chunks off the queue, hands them to worker processes, and
 * deletes or releases each message by what became of it. A worker that dies is replaced, and what it held is released.
 * Returns the scan's status when there is nothing left to do, or `running` when `signal` ended it first.
 */
export async function runFleet(
  id: ScanId,
  workers: number,
  command: WorkerCommand,
  deps: FleetDeps,
  events: FleetEvents,
  signal: AbortSignal,
): Promise<ScanStatus> {
  const fleet = startFleet(workers, command, deps, events);
  const takeBackAbort = fleet.bell.ringOnAbort(signal);
  try {
    return await work(id, fleet, deps, signal);
  } finally {
    takeBackAbort();
    await fleet.stop();
  }
}

async function work(id: ScanId, fleet: Fleet, deps: FleetDeps, signal: AbortSignal): Promise<ScanStatus> {
  let beatAt = deps.clock.now();
  while (!signal.aborted) {
    const status = (await deps.store.readScan(id))?.status ?? 'cancelled';
    if (status !== 'running') return status;
    for (const letter of await deps.queue.takeDeadLetters(CHUNKS_PER_WORKER)) await failChunk(deps, letter);
    await fleet.handOut();
    await fleet.bell.wait(deps.clock, LOOK_EVERY);
    fleet.throwIfBroken();
    if (deps.clock.now() - beatAt < LEASE_BEAT) continue;
    beatAt = deps.clock.now();
    deps.lease.beat();
    await fleet.extendHeld();
  }
  return 'running';
}

type Fleet = ReturnType<typeof startFleet>;

function startFleet(size: number, command: WorkerCommand, deps: FleetDeps, events: FleetEvents) {
  const bell = makeBell();
  const workers = new Set<WorkerProcess>();
  let stillbirths = 0;
  let stopping = false;
  let broken: readonly Fault[] | null = null;

  function hire(): void {
    const worker = startWorker(command, (message) => void hear(worker, message).catch(breakDown));
    workers.add(worker);
    worker.gone.then((wasReady) => bury(worker, wasReady)).catch(breakDown);
  }

  async function bury(worker: WorkerProcess, wasReady: boolean): Promise<void> {
    workers.delete(worker);
    for (const delivery of worker.held.values()) await deps.queue.release(delivery);
    bell.ring();
    if (stopping) return;
    deps.log.warn('worker-died', { pid: worker.pid ?? 0, held: worker.held.size });
    stillbirths = wasReady ? 0 : stillbirths + 1;
    if (stillbirths < STILLBIRTHS_ACCEPTED) hire();
    else broken ??= [fault('WORKERS_FAILED', `${stillbirths} worker processes in a row died before they could start.`)];
  }

  function breakDown(error: unknown): void {
    broken ??=
      error instanceof FaultError ? error.faults : [fault('WORKERS_FAILED', `The fleet failed: ${String(error)}.`)];
    bell.ring();
  }

  async function hear(worker: WorkerProcess, message: FromWorker): Promise<void> {
    switch (message.kind) {
      case 'ready':
        deps.log.info('worker-ready', { sockets: message.sockets });
        break;
      case 'found':
        events.onFound(message.findings);
        break;
      case 'progress':
        events.onProgress(message.chunk, message.settled);
        break;
      case 'ended':
        await take(worker, message.chunk, message.ending === 'done' ? deps.queue.delete : deps.queue.release);
        break;
      case 'failed':
        deps.log.warn('chunk-failed', { chunk: message.chunk, detail: message.detail });
        if (message.faults.length > 0) broken ??= message.faults;
        if (message.chunk !== null) await take(worker, message.chunk, deps.queue.release);
        break;
      default:
        message satisfies never;
    }
  }

  async function take(worker: WorkerProcess, chunk: ChunkNumber, settle: ChunkQueue['delete']): Promise<void> {
    const delivery = worker.held.get(chunk);
    if (!delivery) return;
    worker.drop(chunk);
    await settle(delivery);
    bell.ring();
  }

  for (let index = 0; index < size; index++) hire();

  return {
    bell,
    async handOut(): Promise<void> {
      const free = [...workers].map((worker) => CHUNKS_PER_WORKER - worker.held.size);
      const wanted = free.reduce((sum, places) => sum + places, 0);
      if (wanted === 0) return;
      for (const delivery of await deps.queue.receive(wanted, VISIBILITY)) idlest(workers)?.give(delivery);
    },
    async extendHeld(): Promise<void> {
      for (const worker of workers) {
        for (const delivery of worker.held.values()) await deps.queue.extend(delivery, VISIBILITY);
      }
    },
    throwIfBroken(): void {
      if (broken) throw new FaultError(broken);
    },
    async stop(): Promise<void> {
      stopping = true;
      const leaving = [...workers];
      for (const worker of leaving) worker.stop();
      await Promise.all(leaving.map((worker) => worker.gone));
      for (const worker of leaving) for (const delivery of worker.held.values()) await deps.queue.release(delivery);
    },
  };
}

function idlest(workers: ReadonlySet<WorkerProcess>): WorkerProcess | undefined {
  return [...workers].sort((a, b) => a.held.size - b.held.size)[0];
}
