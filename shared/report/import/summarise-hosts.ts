import { NO_PROBES } from '../../domain/coverage.ts';
import type { HostReport } from '../../domain/report.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import { millis } from '../../domain/units.ts';
import { isSettled, isUnprobed, type Settled, type Unprobed, type Verdict } from '../../domain/verdict.ts';
import type { NmapRun } from './nmap-run.ts';

/** Every port of every host, counted once. How the asking went, the file does not tell. */
export function summariseHosts(hosts: Iterable<HostReport>, run: NmapRun): ScanSummary {
  const counts = new Map<Verdict, number>();
  const add = (verdict: Verdict, count: number): void => {
    counts.set(verdict, (counts.get(verdict) ?? 0) + count);
  };
  for (const { findings, runs } of hosts) {
    for (const { state, reason } of findings) add(`${state}/${reason}` as Verdict, 1);
    for (const { verdict, count } of runs) add(verdict, count);
  }
  const settled: Partial<Record<Settled, number>> = {};
  const unprobed: Partial<Record<Unprobed, number>> = {};
  let planned = 0;
  for (const [verdict, count] of counts) {
    planned += count;
    if (isSettled(verdict)) settled[verdict] = count;
    else if (isUnprobed(verdict)) unprobed[verdict] = count;
  }
  const duration = millis(Math.max(0, run.finishedAt - run.startedAt));
  return { planned, settled, unprobed, pending: counts.get('pending') ?? 0, tally: NO_PROBES, anomalies: [], duration };
}
