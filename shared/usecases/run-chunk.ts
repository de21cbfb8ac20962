import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Chunk } from '../domain/chunk.ts';
import {
  addTallies,
  type ChunkCoverage,
  type ChunkForecast,
  codesOf,
  countCoverage,
  countPending,
  NO_PROBES,
  type ProbeTally,
  runsOf,
} from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import { MAX_DELIVERIES } from '../domain/limits.ts';
import type { ProxyServer } from '../domain/proxy.ts';
import type { ChunkMessage, Scan } from '../domain/scan.ts';
import { type Millis, millis } from '../domain/units.ts';
import type { ChunkWork } from '../engine/chunk-run.ts';
import { type ChunkResult, type ChunkScan, scanChunk } from '../engine/scan-chunk.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import { probeOrder, triedUpTo } from '../plan/probe-order.ts';
import type { ChunkProgress } from '../plan/scan-time-left.ts';
import { buildChunk, chunkSeed, chunksInLane } from '../plan/split-chunks.ts';
import { type EgressRestrictions, OPEN_EGRESS } from '../request/egress-restrictions.ts';
import type { Policy } from '../request/target-policy.ts';
import type { AccountInventory } from '../seams/account-inventory.ts';
import type { Clock } from '../seams/clock.ts';
import type { Connector } from '../seams/connector.ts';
import type { Prober } from '../seams/prober.ts';
import type { Resolver } from '../seams/resolver.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { applyRestrictions } from './apply-restrictions.ts';
import { completeChunk } from './complete-chunk.ts';
import { failChunk } from './fail-chunk.ts';
import type { NameFinder } from './find-names.ts';
import { findingsOf } from './finding-of.ts';
import { firstPass } from './first-pass.ts';
import { FLUSH_EVERY, flushWhileRunning } from './flush-while-running.ts';
import { identifyOpenPorts } from './identify-open-ports.ts';
import { shareTimingHints } from './share-timing-hints.ts';

export interface RunChunkDeps {
  readonly store: ScanStore;
  readonly prober: Prober;
  /** For the second pass, if the scan wants one. */
  readonly connector: Connector;
  readonly clock: Clock;
  /** The sockets of this worker, as many of them as the scan lets it use. */
  readonly budgetOf: (scan: Scan) => SocketBudget;
  readonly policy: Policy;
  /** For targets that are in the scope by name; left out, such are not probed. */
  readonly resolver?: Resolver;
  /** For targets that are in the scope because the account has them; left out, such are not probed. */
  readonly account?: AccountInventory;
  /** How a scan connects that goes through a proxy; left out where none may. */
  readonly through?: (proxy: ProxyServer) => Pick<RunChunkDeps, 'prober' | 'connector'>;
  /** For scans that want the names of addresses; left out, none are looked up. */
  readonly names?: NameFinder;
  /** Left out: nothing is in the way. */
  readonly egress?: EgressRestrictions;
  /** What this worker knows of the targets of a scan. */
  readonly targetsOf: (scan: Scan) => TargetStates;
  readonly signal: AbortSignal;
  /** When to stop probing, with the time to write already taken off; null is never. */
  readonly deadline: Millis | null;
  /** How often the queue has handed out this message, now included. */
  readonly receiveCount: number;
  /** How often what was found is written; left out, as often as a person can see it come. */
  readonly flushEvery?: Millis;
  /** Told before the chunk is called complete, after which its scan may be summed up. */
  readonly beforeEnd?: () => Promise<void>;
  /** Told, after they are safely stored, of open ports; once more when more is known of one. */
  readonly onStored: (findings: readonly Finding[]) => void;
  /** Told now and then how far the chunk is: a function, as it takes some time to find out. */
  readonly onProgress: (chunk: Chunk, progress: () => ChunkProgress) => void;
  /** How often `onProgress` tells anew how long the chunk will still take; left out, never. Checkpoints have a forecast anyway. */
  readonly forecastEvery?: Millis;
}

/**
 * `done`: delete the message. `given-up`: likewise, after too many deliveries that settled nothing. Otherwise probes, or
 * open ports to be identified, are left, and it is to be delivered again: after a `put-back` they are fewer than before,
 * so that this comes to an end by itself; a `stuck` delivery has settled none.
 */
export type ChunkEnding = 'done' | 'given-up' | 'put-back' | 'stuck';

/** How often the coverage so far is written: a worker that is killed loses at most the probes of one second. */
export const CHECKPOINT_EVERY = millis(1_000);

/** How often it is told how far a chunk is, each time by a message between processes: as often as a line is drawn anew. */
const PROGRESS_EVERY = millis(100);

/**
 * Works on one delivery of one chunk: findings first, then the coverage, then the completion tree, so that nothing is
 * called complete whose findings are not stored. Every write may be repeated; a delivery that died anywhere in here is
 * simply delivered again, and goes on from its last checkpoint.
 */
export async function runChunk(message: ChunkMessage, given: RunChunkDeps): Promise<ChunkEnding> {
  const scan = await given.store.readScan(message.scanId);
  // A number that the scan does not have is no work: anyone who can write to the queue may have made it up.
  if (scan?.status !== 'running' || message.chunk >= scan.plan.geometry.chunks) return 'done';
  const deps = { ...given, ...reachOf(scan, given) };
  const chunk = buildChunk(scan.plan, message.chunk, addressIndex(scan.plan.addresses).at);
  const idle = await countIdle(message, deps);
  if (idle >= MAX_DELIVERIES) {
    await failChunk(deps, message);
    return 'given-up';
  }
  const before = await deps.store.readCoverage(scan.id, chunk.number);
  const codes = (before && codesOf(before.runs, chunk.size)) ?? new Uint8Array(chunk.size);
  const order = probeOrder(chunk, chunkSeed(scan.plan, chunk.number), scan.plan.order);
  // A first pass settles ports out of turn.
  const hasFirstPass = scan.plan.discovery?.kind === 'before' || scan.plan.skipAllOpen;
  const triedBefore = before && !hasFirstPass ? triedUpTo(codes, order) : 0;
  await applyRestrictions(scan, chunk, codes, { ...deps, egress: deps.egress ?? OPEN_EGRESS });
  const wanted = countPending(codes);
  deps.onProgress(chunk, () => ({ settled: chunk.size - wanted, left: null, next: null, isOver: false }));
  const tally = addTallies(before?.tally ?? NO_PROBES, await firstPass(scan, chunk, codes, deps));
  const { coverage, unverified } = await sweep(scan, { chunk, codes, order, triedBefore }, tally, {
    ...deps,
    idle,
    wanted,
  });
  const left = countCoverage(coverage.runs).pending;
  if (left > 0) return left < wanted ? 'put-back' : 'stuck';
  // Stopped while it waited for answers that a host holds back: the next delivery goes on waiting, with what is left of
  // the template's patience.
  if (unverified > 0) return 'put-back';
  const budget = deps.budgetOf(scan);
  const { ending, asked } = await identifyOpenPorts(scan, chunk, { ...deps, budget, targets: deps.targetsOf(scan) });
  if (ending === 'cut-short' && asked > 0 && coverage.idle) {
    await deps.store.putCoverage(scan.id, { ...coverage, idle: 0 });
  }
  if (ending === 'cut-short') return left < wanted || asked > 0 ? 'put-back' : 'stuck';
  await storeNames(scan, chunk, coverage, deps);
  await deps.beforeEnd?.();
  // A chunk with hosts whose time was up is one that "resume" takes up again.
  const isCut = coverage.runs.some(([, verdict]) => verdict === 'unprobed/host-timeout');
  await completeChunk(deps, scan, chunk.number, isCut ? 'failed' : 'settled');
  deps.onProgress(chunk, () => ({ settled: chunk.size, left: millis(0), next: null, isOver: true }));
  return 'done';
}

/** A scan that is to go through a proxy goes no other way. */
function reachOf({ id, proxy }: Scan, { prober, connector, through }: RunChunkDeps) {
  if (!proxy) return { prober, connector };
  if (!through) throw new Error(`scan ${id} goes through a proxy, and this worker knows no way through one`);
  return through(proxy);
}

/** The last that is written of a chunk: a delivery that dies before it looks the names up once more. */
async function storeNames(scan: Scan, chunk: Chunk, coverage: ChunkCoverage, deps: RunChunkDeps): Promise<void> {
  const wanted = scan.plan.reverseNames;
  const codes = codesOf(coverage.runs, chunk.size);
  if (!wanted || !codes) return;
  const names = await deps.names?.find(chunk, codes, wanted, deps);
  if (names && Object.keys(names).length > 0) await deps.store.putCoverage(scan.id, { ...coverage, names });
}

/**
 * Deliveries since the last that settled something. They are counted when they begin, because a worker may die of the
 * chunk; and from the second on, so that a chunk that goes well costs no write. The queue's own count is no measure: it
 * goes up whenever a function was too busy to take the message.
 */
async function countIdle({ scanId, chunk }: ChunkMessage, { store, receiveCount }: RunChunkDeps): Promise<number> {
  return receiveCount > 1 ? store.countDelivery(scanId, chunk) : 0;
}

function forecastOf({ plan }: Scan, chunk: Chunk, running: ChunkScan): Pick<ChunkForecast, 'left' | 'next'> {
  const timeLeft = running.timeLeft();
  const left = timeLeft();
  return { left, next: chunksInLane(plan.geometry) > 1 ? millis(timeLeft(chunk.size) - left) : null };
}

function makeForecasts(scan: Scan, chunk: Chunk, running: ChunkScan, clock: Clock): () => ChunkForecast {
  const begunAt = clock.now();
  return () => ({ at: clock.wall(), elapsed: millis(clock.now() - begunAt), ...forecastOf(scan, chunk, running) });
}

/** Tells how far the sweep of a chunk is, and how long it will take; what comes after it takes as long as the services do. */
function progressOf(
  scan: Scan,
  chunk: Chunk,
  running: ChunkScan,
  { clock, forecastEvery = millis(Number.POSITIVE_INFINITY) }: Pick<RunChunkDeps, 'clock' | 'forecastEvery'>,
): (stage: 'sweeping' | 'swept') => ChunkProgress {
  let known: { readonly left: Millis; readonly next: Millis | null } | null = null;
  let knownAt = clock.now();
  return (stage) => {
    const now = clock.now();
    if (stage === 'sweeping' && now - knownAt >= forecastEvery) {
      known = forecastOf(scan, chunk, running);
      knownAt = now;
    }
    const settled = running.settled();
    if (stage === 'swept' || !known) return { settled, left: null, next: null, isOver: false };
    return { settled, left: millis(Math.max(0, known.left - (now - knownAt))), next: known.next, isOver: false };
  };
}

function coverageOf(
  { codes, tally }: ChunkResult,
  chunk: Chunk,
  before: ProbeTally,
  { idle, wanted }: { readonly idle: number; readonly wanted: number },
): ChunkCoverage {
  const runs = runsOf(codes);
  const isProgress = countCoverage(runs).pending < wanted || (tally.verifying ?? 0) > 0;
  return {
    ...{ chunk: chunk.number, runs, tally: addTallies(before, tally) },
    ...(!isProgress && idle > 0 && { idle }),
  };
}

async function sweep(
  scan: Scan,
  work: ChunkWork,
  before: ProbeTally,
  deps: RunChunkDeps & { readonly idle: number; readonly wanted: number },
): Promise<{ readonly coverage: ChunkCoverage; readonly unverified: number }> {
  const { chunk } = work;
  const hints = shareTimingHints(scan, chunk, deps);
  await hints.load();
  const findingOf = await findingsOf(scan);
  const unwritten: Finding[] = [];
  const running = scanChunk(
    {
      // First a field that no other object begins with. V8 goes by fields in their order: with `chunk` first, the shape
      // would be that of records whose `chunk` is a number, and the first of these would undo what it compiled.
      poolsLoss: scan.plan.discovery?.kind === 'only',
      ...work,
      ...(before.verifying && { verified: before.verifying }),
    },
    {
      ...deps,
      budget: deps.budgetOf(scan),
      targets: deps.targetsOf(scan),
      onOpen: (seen, reply) => unwritten.push(findingOf(seen, reply)),
    },
  );
  const progress = progressOf(scan, chunk, running, deps);
  const forecastNow = makeForecasts(scan, chunk, running, deps.clock);
  const coverage = (result: ChunkResult) => coverageOf(result, chunk, before, deps);
  const write = async (result?: ChunkResult, forecast?: ChunkForecast): Promise<void> => {
    const findings = unwritten.splice(0);
    if (findings.length > 0) {
      await deps.store.putFindings(scan.id, chunk.number, findings);
      deps.onStored(findings);
    }
    if (result) await deps.store.putCoverage(scan.id, { ...coverage(result), ...(forecast && { forecast }) });
  };
  const every = deps.flushEvery ?? FLUSH_EVERY;
  const flushesIn = (time: Millis): number => Math.max(1, Math.round(time / every));
  const flush = async (count: number): Promise<void> => {
    // The snapshot is taken before its findings are written, so no checkpoint is ahead of them.
    const checkpoint = count % flushesIn(CHECKPOINT_EVERY) === 0 ? running.snapshot() : undefined;
    await write(checkpoint, checkpoint && forecastNow());
    if (count % flushesIn(PROGRESS_EVERY) === 0) deps.onProgress(chunk, () => progress('sweeping'));
    await (checkpoint ? hints.exchange() : hints.begin());
  };
  await flushWhileRunning(running.result, deps.clock, flush, every);
  const result = await running.result;
  await write(result);
  deps.onProgress(chunk, () => progress('swept'));
  await hints.publish();
  return { coverage: coverage(result), unverified: result.unverified };
}
