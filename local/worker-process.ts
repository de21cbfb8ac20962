import { type ChildProcess, fork } from 'node:child_process';
import * as nodeModule from 'node:module';
import { dirname } from 'node:path';
import type { ChunkNumber } from '../shared/domain/units.ts';
import type { Delivery } from '../shared/seams/chunk-queue.ts';
import type { Beginning, FromWorker, ToWorker } from './worker-messages.ts';

/**
 *   prewarmed ──begin──▶ starting ──ready──▶ working ──stop──▶ stopping ──▶ gone
 *       └───────────────────┴───────────────────┴── crash, kill ────────────▶ gone
 *
 * prewarmed  forked; boots before there is a scan. It knows no database, and is killed where it turns out not to be needed
 * starting   told what it needs; may already be given chunks, it finds them when it is ready
 * working    `held` are the deliveries it was given and has not ended
 * stopping   told to write what it knows and exit; its chunks end as `put-back`
 * gone       died, or closed its channel because it is done; what is still in `held` was lost with it, and is for the
 *            fleet to release
 */
export interface WorkerProcess {
  readonly held: ReadonlyMap<ChunkNumber, Delivery>;
  readonly pid: number | undefined;
  begin(beginning: Beginning, onMessage: (message: FromWorker) => void): void;
  give(delivery: Delivery): void;
  /** The chunk that it holds goes by this delivery from now on. */
  adopt(delivery: Delivery): void;
  /** The delivery is out of this worker's hands. */
  drop(chunk: ChunkNumber): void;
  stop(): void;
  kill(): void;
  /**
   * Resolves when nothing more will come of the process, with true when it had reported ready before. It closes its
   * channel when it has written all it knows, and is killed then: what Node would clean up behind it takes a core for 25
   * to 60 ms, just when the report needs it.
   */
  readonly gone: Promise<boolean>;
}

/** @param module the worker's bundle */
export function forkWorker(module: string): WorkerProcess {
  const held = new Map<ChunkNumber, Delivery>();
  let ready = false;
  const child = fork(module, [], {
    // Nothing a worker prints is for the user: not even what Node prints of a crash, which the fleet tells of in words.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: workerEnvironment(process.env),
  });
  const post = (message: ToWorker): void => send(child, message);
  // Of a process that could not be started, for want of a descriptor, Node gives the pid as 0 to kill(2): to that our own
  // group belongs, the shell of the user with it.
  const kill = (): void => {
    if (child.pid !== undefined) child.kill('SIGKILL');
  };
  return {
    held,
    pid: child.pid,
    begin(beginning, onMessage) {
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') ready = true;
        onMessage(message);
      });
      post({ kind: 'begin', beginning });
    },
    give(delivery) {
      held.set(delivery.message.chunk, delivery);
      post({ kind: 'chunk', message: delivery.message, receiveCount: delivery.receiveCount });
    },
    adopt: (delivery) => void held.set(delivery.message.chunk, delivery),
    drop: (chunk) => void held.delete(chunk),
    stop: () => post({ kind: 'stop' }),
    kill,
    gone: new Promise((resolve) => {
      child.once('disconnect', () => {
        kill();
        resolve(ready);
      });
      child.once('error', () => resolve(ready));
    }),
  };
}

/**
 * A worker verifies no certificate, and Node 20 reads those of this variable at every start: 140 of them, as on a Debian
 * that is told to use its own, take 80 ms of CPU.
 */
const workerEnvironment = ({ NODE_EXTRA_CA_CERTS: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  ...compileCache(),
});

/** A worker keeps what Node compiled of it where the command does, if it does: in a folder for each version of Node. */
function compileCache(): { readonly NODE_COMPILE_CACHE?: string } {
  const { getCompileCacheDir } = nodeModule as { readonly getCompileCacheDir?: () => string | undefined };
  const ofThisVersion = getCompileCacheDir?.();
  return ofThisVersion ? { NODE_COMPILE_CACHE: dirname(ofThisVersion) } : {};
}

/** A worker that died a moment ago cannot be told anything; its `gone` says so soon enough. */
function send(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}

/**
 * Worker processes started before there is anything for them to do: a process takes longer to boot than a scan to be
 * planned and written, so the one is done during the other.
 */
export interface PrewarmedWorkers {
  /** Starts what is missing to so many. */
  fillUp(count: number): void;
  /** A prewarmed worker, if one is left. It may have died: its `gone` says so, as of any other worker. */
  take(): WorkerProcess | undefined;
  /** Ends those that were not taken. */
  dismiss(): void;
}

/** @param module the worker's bundle */
export function makePrewarmedWorkers(module: string): PrewarmedWorkers {
  const prewarmed: WorkerProcess[] = [];
  return {
    fillUp(count) {
      while (prewarmed.length < count) prewarmed.push(forkWorker(module));
    },
    take: () => prewarmed.shift(),
    dismiss() {
      for (const worker of prewarmed.splice(0)) worker.kill();
    },
  };
}
