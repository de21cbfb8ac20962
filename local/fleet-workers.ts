import { type ErrorValue, errorValue, PortfleetError } from '../shared/domain/errors.ts';
import type { Finding } from '../shared/domain/finding.ts';
import { type ChunkNumber, millis } from '../shared/domain/units.ts';
import type { ChunkProgress } from '../shared/plan/scan-time-left.ts';
import type { ChunkQueue } from '../shared/seams/chunk-queue.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Log } from '../shared/seams/log.ts';
import type { ScanStore } from '../shared/seams/scan-store.ts';
import { makeWakeup, type Wakeup } from '../shared/seams/sleep.ts';
import type { ChunkEnding } from '../shared/usecases/run-chunk.ts';
import { type Beginning, CHUNKS_AT_ONCE, type FromWorker } from './worker-messages.ts';
import type { PrewarmedWorkers } from './worker-process.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

export interface FleetDeps {
  readonly store: ScanStore;
  readonly queue: ChunkQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface FleetEvents {
  readonly onFound: (findings: readonly Finding[]) => void;
  readonly onProgress: (chunk: ChunkNumber, progress: ChunkProgress) => void;
  /** A worker is done with the chunk: nothing will be stored of it any more. */
  readonly onEnded: (chunk: ChunkNumber) => void;
}

/** How worker processes are started. */
export interface WorkerCommand extends Omit<Beginning, 'now'> {
  /** The worker's bundle. */
  readonly module: string;
  /** How many processes. */
  readonly workers: number;
  /** Taken before any process is forked; left out, there are none. */
  readonly prewarmed?: PrewarmedWorkers | undefined;
}

/** The worker processes of one scan, and what is wrong with them, if anything. */
export interface LocalFleet {
  readonly wakeup: Wakeup;
  readonly command: WorkerCommand;
  readonly deps: FleetDeps;
  readonly events: FleetEvents;
  readonly workers: Set<WorkerProcess>;
  /** One for each worker ever spawned: resolves when it is gone and what it held is on the queue again. */
  readonly exits: Promise<void>[];
  startupFailures: number;
  stopping: boolean;
  broken: readonly ErrorValue[] | null;
}

/** Four heartbeats of a live fleet. One that died keeps a lane of a target closed for so long. */
export const VISIBILITY = millis(8_000);

/** Workers that die before they are ready, one after the other, have a cause that the next one will meet too. */
const STARTUP_FAILURES_ACCEPTED = 3;

export function startFleet(command: WorkerCommand, deps: FleetDeps, events: FleetEvents): LocalFleet {
  const fleet: LocalFleet = {
    wakeup: makeWakeup(),
    command,
    deps,
    events,
    workers: new Set(),
    exits: [],
    startupFailures: 0,
    stopping: false,
    broken: null,
  };
  for (let count = 0; count < command.workers; count++) spawn(fleet);
  return fleet;
}

function spawn(fleet: LocalFleet): void {
  const { module, prewarmed, databasePath, sockets, forecastEvery } = fleet.command;
  const worker = prewarmed?.take() ?? forkWorker(module);
  worker.begin({ databasePath, sockets, forecastEvery, now: fleet.deps.clock.wall() }, (message) => {
    onMessage(fleet, worker, message).catch((error: unknown) => breakDown(fleet, error));
  });
  fleet.workers.add(worker);
  const exit = worker.gone.then((wasReady) => onExit(fleet, worker, wasReady));
  fleet.exits.push(exit.catch((error: unknown) => breakDown(fleet, error)));
}

async function onExit(fleet: LocalFleet, worker: WorkerProcess, wasReady: boolean): Promise<void> {
  fleet.workers.delete(worker);
  for (const delivery of worker.held.values()) await fleet.deps.queue.release(delivery);
  fleet.wakeup.wake();
  if (fleet.stopping) return;
  fleet.deps.log.warn('worker-died', { pid: worker.pid ?? 0, held: worker.held.size });
  fleet.startupFailures = wasReady ? 0 : fleet.startupFailures + 1;
  if (fleet.startupFailures < STARTUP_FAILURES_ACCEPTED) spawn(fleet);
  else
    fleet.broken ??= [
      errorValue('WORKERS_FAILED', `${fleet.startupFailures} workers in a row died before they could start.`),
    ];
}

function breakDown(fleet: LocalFleet, error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  fleet.broken ??=
    error instanceof PortfleetError ? error.errors : [errorValue('WORKERS_FAILED', `The fleet failed: ${detail}`)];
  fleet.wakeup.wake();
}

async function onMessage(fleet: LocalFleet, worker: WorkerProcess, message: FromWorker): Promise<void> {
  const { deps, events } = fleet;
  switch (message.kind) {
    case 'ready':
      deps.log.info('worker-ready', { pid: worker.pid ?? 0, sockets: message.sockets });
      break;
    case 'found':
      events.onFound(message.findings);
      break;
    case 'progress':
      events.onProgress(message.chunk, message);
      break;
    case 'ended': {
      const { chunk, ending } = message;
      if (isOverWith(ending)) events.onEnded(chunk);
      await endDelivery(fleet, worker, chunk, isOverWith(ending) ? deps.queue.delete : deps.queue.release);
      break;
    }
    case 'failed':
      deps.log.warn('chunk-failed', { chunk: message.chunk, detail: message.detail });
      if (message.errors.length > 0) fleet.broken ??= message.errors;
      if (message.chunk !== null) await endDelivery(fleet, worker, message.chunk, deps.queue.release);
      break;
    default:
      message satisfies never;
  }
}

const isOverWith = (ending: ChunkEnding): boolean => ending === 'done' || ending === 'given-up';

async function endDelivery(
  { wakeup }: LocalFleet,
  worker: WorkerProcess,
  chunk: ChunkNumber,
  settle: ChunkQueue['delete'],
): Promise<void> {
  const delivery = worker.held.get(chunk);
  if (!delivery) return;
  worker.drop(chunk);
  await settle(delivery);
  wakeup.wake();
}

/**
 * Hands what the queue has to the workers that hold the fewest chunks. What a worker holds already was delivered again
 * because the machine's clock was set: its new receipt takes the place of the old one.
 */
export async function handOut({ workers, deps }: LocalFleet): Promise<void> {
  const free = [...workers].reduce((sum, worker) => sum + CHUNKS_AT_ONCE - worker.held.size, 0);
  if (free === 0) return;
  for (const delivery of await deps.queue.receive(free, VISIBILITY)) {
    const holder = [...workers].find(({ held }) => held.has(delivery.message.chunk));
    if (holder) {
      holder.adopt(delivery);
      continue;
    }
    const [idlest] = [...workers].sort((a, b) => a.held.size - b.held.size);
    if (idlest) idlest.give(delivery);
    else await deps.queue.release(delivery);
  }
}

/** Keeps what the workers hold invisible to others for another `VISIBILITY`. */
export async function extendHeld({ workers, deps }: LocalFleet): Promise<void> {
  for (const worker of workers) for (const held of worker.held.values()) await deps.queue.extend(held, VISIBILITY);
}

export function throwIfBroken({ broken }: LocalFleet): void {
  if (broken) throw new PortfleetError(broken);
}

/** Tells every worker to write what it knows and exit, and waits until all have. */
export async function stopFleet(fleet: LocalFleet): Promise<void> {
  fleet.stopping = true;
  for (const worker of fleet.workers) worker.stop();
  await Promise.all(fleet.exits);
}
