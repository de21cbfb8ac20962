import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Chunk } from '../domain/chunk.ts';
import {
  addTallies,
  type ChunkCoverage,
  codesOf,
  countCoverage,
  NO_PROBES,
  type ProbeTally,
  runsOf,
} from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import { serviceName } from '../domain/registry/services.ts';
import type { ChunkMessage, Scan } from '../domain/scan.ts';
import type { Millis } from '../domain/units.ts';
import { type ChunkResult, scanChunk } from '../engine/scan-chunk.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import { probeOrder } from '../plan/probe-order.ts';
import { buildChunk, chunkSeed } from '../plan/split-chunks.ts';
import { type EgressRestrictions, OPEN_EGRESS } from '../request/egress-restrictions.ts';
import type { Policy } from '../request/target-policy.ts';
import type { Clock } from '../seams/clock.ts';
import type { Connector } from '../seams/connector.ts';
import type { Prober } from '../seams/prober.ts';
import type { Resolver } from '../seams/resolver.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { applyRestrictions } from './apply-restrictions.ts';
import { completeChunk } from './complete-chunk.ts';
import { firstPass } from './first-pass.ts';
import { flushWhileRunning } from './flush-while-running.ts';
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
  /** Left out: nothing is in the way. */
  readonly egress?: EgressRestrictions;
  /** What this worker knows of the targets of a scan. */
  readonly targetsOf: (scan: Scan) => TargetStates;
  readonly signal: AbortSignal;
  /** When to stop probing, with the time to write already taken off; null is never. */
  readonly deadline: Millis | null;
  /** Told, after they are safely stored, of open ports; once more when more is known of one. */
  readonly onStored: (findings: readonly Finding[]) => void;
  /** Told now and then how many of the chunk's probes have a verdict. */
  readonly onProgress: (chunk: Chunk, settled: number) => void;
}

/**
 * `done`: delete the message. Otherwise probes, or open ports to be identified, are left, and it is to be
 * delivered again: after a `put-back` they are fewer than before, so that this comes to an end by itself; a `stuck`
 * delivery has settled none.
 */
export type ChunkEnding = 'done' | 'put-back' | 'stuck';

/** How often the coverage so far is written: a worker that is killed loses at most the probes of one second. */
export const FLUSHES_PER_CHECKPOINT = 20;

/**
 * Works on one delivery of one chunk: findings first, then the coverage, then the completion tree, so that nothing is
 * called complete whose findings are not stored. Every write may be repeated; a delivery that died anywhere in here is
 * simply delivered again, and goes on from its last checkpoint.
 */
export async function runChunk(message: ChunkMessage, deps: RunChunkDeps): Promise<ChunkEnding> {
  const scan = await deps.store.readScan(message.scanId);
  // A number that the scan does not have is no work: anyone who can write to the queue may have made it up.
  if (scan?.status !== 'running' || message.chunk >= scan.plan.geometry.chunks) return 'done';
  const chunk = buildChunk(scan.plan, message.chunk, addressIndex(scan.plan.addresses).at);
  const before = await deps.store.readCoverage(scan.id, chunk.number);
  const codes = (before && codesOf(before.runs, chunk.size)) ?? new Uint8Array(chunk.size);
  await applyRestrictions(scan, chunk, codes, { ...deps, egress: deps.egress ?? OPEN_EGRESS });
  const wanted = countCoverage(runsOf(codes)).pending;
  const tally = addTallies(before?.tally ?? NO_PROBES, await firstPass(scan, chunk, codes, deps));
  const { coverage, unverified } = await sweep(scan, chunk, codes, tally, deps);
  const left = countCoverage(coverage.runs).pending;
  if (left > 0) return left < wanted ? 'put-back' : 'stuck';
  // Stopped while it waited for answers that a host holds back: whoever resumes the scan goes on waiting.
  if (unverified > 0) return 'put-back';
  const budget = deps.budgetOf(scan);
  const { ending, asked } = await identifyOpenPorts(scan, chunk, { ...deps, budget, targets: deps.targetsOf(scan) });
  if (ending === 'cut-short') return left < wanted || asked > 0 ? 'put-back' : 'stuck';
  await completeChunk(deps, scan, chunk.number, 'settled');
  return 'done';
}

async function sweep(
  scan: Scan,
  chunk: Chunk,
  codes: Uint8Array,
  before: ProbeTally,
  deps: RunChunkDeps,
): Promise<{ readonly coverage: ChunkCoverage; readonly unverified: number }> {
  const hints = shareTimingHints(scan, chunk, deps);
  await hints.load();
  const unwritten: Finding[] = [];
  const running = scanChunk(
    { chunk, codes, order: probeOrder(chunk, chunkSeed(scan.plan, chunk.number)) },
    {
      ...deps,
      budget: deps.budgetOf(scan),
      targets: deps.targetsOf(scan),
      onOpen: (seen) => {
        unwritten.push({ ...seen, service: { name: serviceName(seen.protocol, seen.port), method: 'table' } });
      },
    },
  );
  const coverageOf = ({ codes: known, tally }: ChunkResult): ChunkCoverage => ({
    chunk: chunk.number,
    runs: runsOf(known),
    tally: addTallies(before, tally),
  });
  const write = async (result?: ChunkResult): Promise<void> => {
    const findings = unwritten.splice(0);
    if (findings.length > 0) {
      await deps.store.putFindings(scan.id, chunk.number, findings);
      deps.onStored(findings);
    }
    if (result) await deps.store.putCoverage(scan.id, coverageOf(result));
    deps.onProgress(chunk, running.settled());
  };
  await flushWhileRunning(running.result, deps.clock, async (count) => {
    // The snapshot is taken before its findings are written, so no checkpoint is ahead of them.
    const checkpoint = count % FLUSHES_PER_CHECKPOINT === 0 ? running.snapshot() : undefined;
    await write(checkpoint);
    await (checkpoint ? hints.exchange() : hints.begin());
  });
  const result = await running.result;
  await write(result);
  await hints.publish();
  return { coverage: coverageOf(result), unverified: result.unverified };
}
