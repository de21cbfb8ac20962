import { type ChildProcess, fork } from 'node:child_process';
import type { ChunkNumber } from '../shared/domain/units.ts';
import type { Delivery } from '../shared/seams/chunk-queue.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How worker processes are started. */
export interface WorkerCommand {
  /** The worker's bundle. */
  readonly module: string;
  readonly databasePath: string;
  /** How many processes. */
  readonly workers: number;
  /** Sockets of each worker; null for as many as its process may open. */
  readonly sockets: number | null;
}

/**
 *   starting ──ready──▶ working ──stop──▶ stopping ──▶ gone
 *       └──────────────────┴── crash, kill ───────────▶ gone
 *
 * starting   forked; may already be given chunks, it finds them when it is ready
 * working    `held` are the deliveries it was given and has not ended
 * stopping   told to write what it knows and exit; its chunks end as `put-back`
 * gone       what is still in `held` was lost with it, and is for the fleet to release
 */
export interface WorkerProcess {
  readonly held: ReadonlyMap<ChunkNumber, Delivery>;
  readonly pid: number | undefined;
  give(delivery: Delivery): void;
  /** The delivery is out of this worker's hands. */
  drop(chunk: ChunkNumber): void;
  stop(): void;
  /** Resolves when the process is gone, with true when it had reported ready before. */
  readonly gone: Promise<boolean>;
}

export function startWorker(command: WorkerCommand, hear: (message: FromWorker) => void): WorkerProcess {
  const held = new Map<ChunkNumber, Delivery>();
  let ready = false;
  const child = fork(command.module, [command.databasePath, `${command.sockets ?? ''}`], {
    // Nothing a worker prints is part of a result; what Node prints of a crash is worth seeing.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  child.on('message', (message: FromWorker) => {
    if (message.kind === 'ready') ready = true;
    hear(message);
  });
  const tell = (message: ToWorker): void => send(child, message);
  return {
    held,
    pid: child.pid,
    give(delivery) {
      held.set(delivery.message.chunk, delivery);
      tell({ kind: 'chunk', message: delivery.message });
    },
    drop: (chunk) => void held.delete(chunk),
    stop: () => tell({ kind: 'stop' }),
    gone: new Promise((resolve) => {
      child.once('exit', () => resolve(ready));
      child.once('error', () => resolve(ready));
    }),
  };
}

/** A worker that died a moment ago cannot be told anything; its `gone` says so soon enough. */
function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}
