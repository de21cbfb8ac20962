import { anomalyOfIncident } from '../domain/anomaly.ts';
import { addTallies, NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import { PortfleetError } from '../domain/errors.ts';
import type { Scan, ScanSummary } from '../domain/scan.ts';
import { farTimeoutOf } from '../domain/timing-template.ts';
import { type EpochMillis, epochMillis, millis, type ScanId } from '../domain/units.ts';
import { isGap, isSettled, isUnprobed, type Settled, type Unprobed, VERDICTS, verdictCode } from '../domain/verdict.ts';
import { plannedProbes } from '../plan/split-chunks.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { makeAnomalyFinder } from './find-anomalies.ts';
import { type StoredChunk, storedChunks } from './host-reports.ts';
import { type CostDeps, readCost } from './read-cost.ts';

export interface AggregateDeps extends CostDeps {
  readonly store: ScanStore;
  readonly clock: Pick<Clock, 'wall'>;
}

/** The sums of a scan, made chunk by chunk. */
export interface SumsInTheMaking {
  /** Reads the chunks that were not read yet, up to the one with that number; `onChunk` sees each on the way. */
  readUpTo(end: number, onChunk?: (stored: StoredChunk) => void): Promise<void>;
  /** The sums of all that was read; to be asked once. `until` ends the duration. */
  summary(deps: CostDeps, until: EpochMillis): Promise<ScanSummary>;
}

export function makeSums(scan: Scan, store: ScanStore): SumsInTheMaking {
  const counts = new Float64Array(VERDICTS.length);
  let tally: ProbeTally = NO_PROBES;
  const finder = makeAnomalyFinder();
  let next = 0;
  const see = ({ chunk, runs, tally: asked }: StoredChunk): void => {
    finder.see(chunk, runs);
    for (const [length, verdict] of runs) {
      const code = verdictCode(verdict);
      counts[code] = (counts[code] ?? 0) + length;
    }
    if (asked) tally = addTallies(tally, asked);
    next = chunk.number + 1;
  };
  return {
    async readUpTo(end, onChunk = () => {}) {
      if (next >= end) return;
      for await (const stored of storedChunks(scan, store, next)) {
        see(stored);
        onChunk(stored);
        if (next >= end) return;
      }
    },
    async summary(deps, until) {
      const { unheard, byUdpAlone, anomalies, ...leftOut } = finder.result();
      const cost = await readCost(scan, deps);
      const { timing } = scan.plan;
      // The longer wait for what may be far is that of TCP ports.
      const beyond = byUdpAlone ? timing.initialRttTimeout : farTimeoutOf(timing);
      return {
        planned: plannedProbes(scan.plan.geometry),
        ...byVerdict(counts),
        tally,
        anomalies: [...anomalies, ...(tally.incidents ?? []).flatMap(anomalyOfIncident)],
        ...leftOut,
        ...(unheard > 0 && { unheard: { hosts: unheard, beyond } }),
        ...(cost && { cost }),
        duration: millis(until - scan.submittedAt),
      };
    },
  };
}

/**
 * Every planned probe counted once, from what is stored and nothing else. `until` ends the duration; `onChunk` sees each
 * chunk on the way.
 */
export async function summarise(
  scan: Scan,
  { store, ...deps }: CostDeps & { readonly store: ScanStore },
  until: EpochMillis,
  onChunk?: (stored: StoredChunk) => void,
): Promise<ScanSummary> {
  const sums = makeSums(scan, store);
  await sums.readUpTo(scan.plan.geometry.chunks, onChunk);
  return sums.summary(deps, until);
}

function byVerdict(counts: Float64Array): Pick<ScanSummary, 'settled' | 'unprobed' | 'pending'> {
  const settled: Partial<Record<Settled, number>> = {};
  const unprobed: Partial<Record<Unprobed, number>> = {};
  for (const [code, verdict] of VERDICTS.entries()) {
    const count = counts[code] ?? 0;
    if (count === 0) continue;
    if (isSettled(verdict)) settled[verdict] = count;
    else if (isUnprobed(verdict)) unprobed[verdict] = count;
  }
  return { settled, unprobed, pending: counts[0] ?? 0 };
}

/**
 * Turns a scan whose chunks are all complete into one that is over. A pure function of what is stored, so it may run
 * twice: the second run computes the same and finds the scan already moved on.
 *
 * @param begun the sums of those of its chunks that ended before, if somebody made them; nothing was stored of them since
 */
export async function aggregateScan(deps: AggregateDeps, id: ScanId, begun?: SumsInTheMaking): Promise<void> {
  const scan = await deps.store.readScan(id);
  if (scan?.status !== 'finalizing') return;
  // A scan that was begun by a clock that has been set back since does not end before it began.
  const at = epochMillis(Math.max(deps.clock.wall(), scan.submittedAt));
  const sums = begun ?? makeSums(scan, deps.store);
  await sums.readUpTo(scan.plan.geometry.chunks);
  const summary = await sums.summary(deps, at);
  const unprobed = Object.keys(summary.unprobed) as Unprobed[];
  const gaps = summary.pending > 0 || unprobed.some(isGap);
  await deps.store.finishScan(id, gaps ? 'complete-with-gaps' : 'complete', summary, at);
}

/**
 * Like `aggregateScan`, but a scan that cannot be summed up ends as failed, with the reason: no repeat would mend a
 * mistake of ours, and a scan that never ends keeps its caller's place for good. What the store cannot do at the moment
 * is thrown, for another try.
 */
export async function aggregateOrFail(deps: AggregateDeps, id: ScanId): Promise<void> {
  try {
    await aggregateScan(deps, id);
  } catch (error) {
    if (error instanceof PortfleetError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    await deps.store.failScan(id, 'finalizing', `The scan could not be summed up: ${why}`, deps.clock.wall());
  }
}
