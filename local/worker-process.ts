import { type ChildProcess, fork } from 'node:child_process';
import type { ChunkNumber } from '../shared/domain/units.ts';
import type { Delivery } from '../shared/seams/chunk-queue.ts';
import type { Beginning, FromWorker, ToWorker } from './worker-messages.ts';

/**
 *   spare ──begin──▶ starting ──ready──▶ working ──stop──▶ stopping ──▶ gone
 *     └─────────────────┴───────────────────┴── crash, kill ──────────▶ gone
 *
 * spare      forked; boots while there is nothing to tell it yet. It knows of no database, and whoever has no use for it
 *            kills it
 * starting   told what it needs; may already be given chunks, it finds them when it is ready
 * working    `held` are the deliveries it was given and has not ended
 * stopping   told to write what it knows and exit; its chunks end as `put-back`
 * gone       died, or closed its channel because it is done; what is still in `held` was lost with it, and is for the
 *            fleet to release
 */
export interface WorkerProcess {
  readonly held: ReadonlyMap<ChunkNumber, Delivery>;
  readonly pid: number | undefined;
  begin(beginning: Beginning, hear: (message: FromWorker) => void): void;
  give(delivery: Delivery): void;
  /** The delivery is out of this worker's hands. */
  drop(chunk: ChunkNumber): void;
  stop(): void;
  kill(): void;
  /**
   * Resolves when nothing more will come of the process, with true when it had reported ready before. It closes its
   * channel when it has written all it knows, so nobody has to wait until Node has cleaned up behind it.
   */
  readonly gone: Promise<boolean>;
}

/** @param module the worker's bundle */
export function forkWorker(module: string): WorkerProcess {
  const held = new Map<ChunkNumber, Delivery>();
  let ready = false;
  const child = fork(module, [], {
    // Nothing a worker prints is part of a result; what Node prints of a crash is worth seeing.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const tell = (message: ToWorker): void => send(child, message);
  return {
    held,
    pid: child.pid,
    begin(beginning, hear) {
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') ready = true;
        hear(message);
      });
      tell({ kind: 'begin', beginning });
    },
    give(delivery) {
      held.set(delivery.message.chunk, delivery);
      tell({ kind: 'chunk', message: delivery.message });
    },
    drop: (chunk) => void held.delete(chunk),
    stop: () => tell({ kind: 'stop' }),
    kill: () => void child.kill('SIGKILL'),
    gone: new Promise((resolve) => {
      child.once('disconnect', () => resolve(ready));
      child.once('error', () => resolve(ready));
    }),
  };
}

/** A worker that died a moment ago cannot be told anything; its `gone` says so soon enough. */
function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}
