import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { HostReport } from '../../shared/domain/report.ts';
import type { Scan, ScanSummary } from '../../shared/domain/scan.ts';
import { type EpochMillis, millis } from '../../shared/domain/units.ts';
import { isSettled, isUnprobed, type Settled, type Unprobed } from '../../shared/domain/verdict.ts';
import { plannedProbes } from '../../shared/plan/split-chunks.ts';

/**
 * What the aggregator would count, from the hosts alone: for a large scan that was not finished, whose summary the
 * endpoint does not have. How often was asked is not told by it.
 */
export async function countHosts(
  scan: Scan,
  hosts: AsyncIterable<HostReport>,
  until: EpochMillis,
): Promise<ScanSummary> {
  const settled: Partial<Record<Settled, number>> = {};
  const unprobed: Partial<Record<Unprobed, number>> = {};
  let pending = 0;
  for await (const { findings, runs } of hosts) {
    for (const { state, reason } of findings) {
      const verdict = `${state}/${reason}` as Settled;
      settled[verdict] = (settled[verdict] ?? 0) + 1;
    }
    for (const { verdict, count } of runs) {
      if (isSettled(verdict)) settled[verdict] = (settled[verdict] ?? 0) + count;
      else if (isUnprobed(verdict)) unprobed[verdict] = (unprobed[verdict] ?? 0) + count;
      else pending += count;
    }
  }
  const duration = millis((scan.finishedAt ?? until) - scan.submittedAt);
  const planned = plannedProbes(scan.plan.geometry);
  return { planned, settled, unprobed, pending, tally: NO_PROBES, anomalies: [], duration };
}
