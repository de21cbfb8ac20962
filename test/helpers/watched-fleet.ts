import type { ScanLinks } from '../../lambdas/aws/dynamo/scan-links.ts';
import { fleetOf } from '../../lambdas/deployed-fleet.ts';
import { makeDeployedWatchScans } from '../../lambdas/watcher/watch-scans.ts';
import { addressIndex } from '../../shared/domain/addresses/address-set.ts';
import { probeAt } from '../../shared/domain/chunk.ts';
import { NO_PROBES, runsOf } from '../../shared/domain/coverage.ts';
import type { Probe } from '../../shared/domain/probe.ts';
import { chunkNumber, type Millis, millis, type ScanId, seed, type WatchId } from '../../shared/domain/units.ts';
import { NO_USAGE } from '../../shared/domain/usage.ts';
import { verdictCode } from '../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { netProber } from '../../shared/net/prober.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { buildChunk } from '../../shared/plan/split-chunks.ts';
import { LOCAL_POLICY, type Policy } from '../../shared/request/target-policy.ts';
import type { AccountInventory } from '../../shared/seams/account-inventory.ts';
import type { CallerStore } from '../../shared/seams/caller-store.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { WatchScans } from '../../shared/usecases/advance-watch.ts';
import { aggregateOrFail } from '../../shared/usecases/aggregate-scan.ts';
import { makeKnownTargets } from '../../shared/usecases/known-targets.ts';
import { runChunk } from '../../shared/usecases/run-chunk.ts';
import { startScan } from '../../shared/usecases/send-chunks.ts';
import type { ManualClock } from './manual-clock.ts';
import { makeMemoryCallerStore } from './memory-caller-store.ts';
import { makeMemoryChunkQueues } from './memory-chunk-queue.ts';
import { freshScanId } from './sample-scan.ts';

export interface WatchedFleetParts {
  readonly store: ScanStore;
  readonly clock: ManualClock;
  readonly links?: ScanLinks;
  readonly callers?: CallerStore;
  readonly policy?: Policy;
  readonly account?: AccountInventory;
  /** Ports that are taken for closed without being probed: what is stored of them is the same, and costs no time. */
  readonly isClosed?: (probe: Probe) => boolean;
  /** How often a worker writes what it found; left out, as a worker on one machine does. */
  readonly flushEvery?: Millis;
  /** The sockets of this process, unless a test makes up a network. */
  readonly network?: {
    readonly prober: Prober;
    readonly clock: Clock;
    run<Value>(work: Promise<Value>): Promise<Value>;
  };
}

/** The scans of watches as a deployment makes them, and a fleet of one worker that a test lets work. */
export interface WatchedFleet {
  readonly scans: WatchScans;
  readonly links: ScanLinks;
  /** Carries out every scan that was sent, and gives those that it brought to their end. */
  work(): Promise<readonly ScanId[]>;
}

const REAL = { prober: netProber, clock: systemClock, run: <Value>(work: Promise<Value>) => work };

export function watchedFleet({ store, clock, ...parts }: WatchedFleetParts): WatchedFleet {
  const network = parts.network ?? REAL;
  const links = parts.links ?? memoryLinks();
  const queues = makeMemoryChunkQueues(clock);
  const sent: ScanId[] = [];
  const policy = parts.policy ?? LOCAL_POLICY;
  const account = parts.account && { account: parts.account };
  const scans = makeDeployedWatchScans({
    ...{ store, clock, links, policy, ...account, callers: parts.callers ?? makeMemoryCallerStore() },
    wholeStore: () => store,
    quota: { probesPerDay: null, scansAtOnce: null },
    resolver: { resolve: async () => [] },
    fleet: { workers: 2, socketsPerWorker: 800, maxProbesPerChunk: 65_536 },
    newId: freshScanId,
    newSeed: () => seed(7),
    submit: (scan) => {
      sent.push(scan.id);
      return startScan(scan, { ...AT_ONCE, store, clock, queue: queues(scan.id) });
    },
  });
  const targetsOf = makeKnownTargets();
  const workOn = async (id: ScanId): Promise<void> => {
    const queue = queues(id);
    if (parts.isClosed) await settleClosed(store, id, parts.isClosed);
    for (let [taken] = await queue.receive(1, HOUR); taken; [taken] = await queue.receive(1, HOUR)) {
      await network.run(
        runChunk(taken.message, {
          ...{
            store,
            policy,
            ...account,
            targetsOf,
            receiveCount: taken.receiveCount,
            prober: network.prober,
            clock: network.clock,
            deadline: null,
          },
          ...(parts.flushEvery && { flushEvery: parts.flushEvery }),
          connector: NO_CONNECTOR,
          budgetOf: () => makeSocketBudget(800),
          signal: new AbortController().signal,
          onStored: () => {},
          onProgress: () => {},
        }),
      );
      await queue.delete(taken);
    }
    await aggregateOrFail({ store, clock }, id);
  };
  return {
    scans,
    links,
    work: async () => {
      const ended = sent.splice(0);
      for (const id of ended) await workOn(id);
      return ended;
    },
  };
}

async function settleClosed(store: ScanStore, id: ScanId, isClosed: (probe: Probe) => boolean): Promise<void> {
  const scan = await store.readScan(id);
  if (!scan) return;
  const { addresses, geometry } = scan.plan;
  for (let number = 0; number < geometry.chunks; number++) {
    const chunk = buildChunk(scan.plan, chunkNumber(number), addressIndex(addresses).at);
    const codes = Uint8Array.from({ length: chunk.size }, (_, offset) => {
      const probe = probeAt(chunk, offset);
      return probe && isClosed(probe) ? verdictCode('closed/conn-refused') : 0;
    });
    await store.putCoverage(id, { chunk: chunk.number, runs: runsOf(codes), tally: NO_PROBES });
  }
}

const HOUR: Millis = millis(3_600_000);

/** These watches ask for no services. */
const NO_CONNECTOR = {
  connect: () => {
    throw new Error('nobody asked for services');
  },
};

function memoryLinks(): ScanLinks {
  const links = new Map<ScanId, WatchId>();
  return {
    write: async (scan, watch) => void links.set(scan, watch),
    read: async (scan) => links.get(scan),
    remove: async (scan) => void links.delete(scan),
  };
}
/** A fleet so large that every chunk leaves at once. */
const AT_ONCE = {
  fleet: fleetOf(1_000),
  usage: { over: async () => NO_USAGE },
  activeScans: async () => 1,
  ranges: { send: async () => {} },
};
