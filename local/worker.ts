import { PortfleetError } from '../shared/domain/errors.ts';
import type { ChunkMessage } from '../shared/domain/scan.ts';
import type { ChunkNumber } from '../shared/domain/units.ts';
import { makeSocketBudget } from '../shared/engine/socket-budget.ts';
import { makeReverseResolver } from '../shared/net/dns-resolver.ts';
import { nodeConnector, proxyConnector } from '../shared/net/node-connector.ts';
import { netProber } from '../shared/net/prober.ts';
import { proxyProber } from '../shared/net/proxy-tunnel.ts';
import { steadyClock } from '../shared/net/steady-clock.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import { makeNameFinder } from '../shared/usecases/find-names.ts';
import { makeKnownTargets } from '../shared/usecases/known-targets.ts';
import { type RunChunkDeps, runChunk } from '../shared/usecases/run-chunk.ts';
import { socketsOfThisProcess } from './descriptor-limit.ts';
import { keepHeapSmall } from './small-heap.ts';
import { loadSqlite, openDatabase } from './sqlite/open-database.ts';
import { makeSqliteScanStore } from './sqlite/scan-store.ts';
import type { Beginning, FromWorker, ToWorker } from './worker-messages.ts';

/*
 * A worker process: takes chunks from the fleet that forked it, until it is told to stop or the fleet is gone. Until its
 * first message it has nothing open, so that a prewarmed process whose command dies ends by itself.
 */

// A refused port makes Node build an error; its stack is never read, and capturing it costs more than the connect.
Error.stackTraceLimit = 0;

const stop = new AbortController();
const post = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

// The terminal, and "timeout", send their signals to every process of the group; the fleet decides when its workers stop.
// SIGUSR1 asks where the scan stands; without a listener Node would open a debugger.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) process.on(name, () => {});
// The fleet is gone, and with it the receiver of results: write what is known, and end.
process.on('disconnect', () => stop.abort());
// What Node would print of it is of no use to a user; the fleet logs it, and starts another worker.
process.on('uncaughtException', (error) => {
  postFailure(null, error);
  process.exitCode = 1;
  stop.abort();
  setImmediate(leave);
});

/** Closing a channel that is closed is an error in Node; told to the handler above, it would come back for ever. */
function leave(): void {
  if (process.connected) process.disconnect();
}

/** What is the same for every chunk. */
type ChunkParts = Omit<RunChunkDeps, 'onProgress' | 'receiveCount'>;

/** A worker that has what it needs. */
interface Working {
  workOn(message: ChunkMessage, receiveCount: number): void;
  /** Writes what is known, and lets the process end. */
  finish(): Promise<void>;
}

/** @throws PortfleetError when the store cannot be opened, or leaves no descriptor for sockets */
function begin({ databasePath, now, sockets, forecastEvery }: Beginning): Working {
  const store = makeSqliteScanStore(openDatabase(databasePath));
  const budget = makeSocketBudget(socketsOfThisProcess(sockets));
  const clock = steadyClock(now);
  const deps: ChunkParts = {
    store,
    budgetOf: () => budget,
    prober: netProber,
    connector: nodeConnector,
    through: (proxy) => ({ prober: proxyProber(proxy), connector: proxyConnector(proxy) }),
    names: makeNameFinder(makeReverseResolver(), clock),
    clock,
    policy: LOCAL_POLICY,
    targetsOf: makeKnownTargets(),
    signal: stop.signal,
    deadline: null,
    ...(forecastEvery !== null && { forecastEvery }),
    onStored: (findings) => post({ kind: 'found', findings }),
  };
  const underway = new Set<Promise<void>>();
  post({ kind: 'ready', sockets: budget.capacity });
  return {
    workOn(message, receiveCount) {
      const work = workOn(message, receiveCount, deps).finally(() => underway.delete(work));
      underway.add(work);
    },
    async finish() {
      stop.abort();
      await Promise.all(underway);
      await store.close();
      leave();
    },
  };
}

async function workOn(message: ChunkMessage, receiveCount: number, deps: ChunkParts): Promise<void> {
  const { chunk } = message;
  try {
    const ending = await runChunk(message, {
      ...deps,
      receiveCount,
      onProgress: (_chunk, progress) => post({ kind: 'progress', chunk, ...progress() }),
    });
    post({ kind: 'ended', chunk, ending });
  } catch (error) {
    postFailure(chunk, error);
  }
}

function postFailure(chunk: ChunkNumber | null, error: unknown): void {
  const errors = error instanceof PortfleetError ? error.errors : [];
  post({ kind: 'failed', chunk, errors, detail: error instanceof Error ? error.message : String(error) });
}

function beginOrFail(beginning: Beginning): Working | undefined {
  try {
    return begin(beginning);
  } catch (error) {
    postFailure(null, error);
    process.exitCode = 1;
    // Not at once: Node still works on the channel of the message that is being handled, and would crash without it.
    setImmediate(leave);
    return undefined;
  }
}

loadSqlite();
keepHeapSmall();
let working: Working | undefined;
process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'begin':
      working = beginOrFail(message.beginning);
      break;
    case 'chunk':
      working?.workOn(message.message, message.receiveCount);
      break;
    case 'stop':
      working?.finish();
      break;
    default:
      message satisfies never;
  }
});
