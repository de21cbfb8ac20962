import type { Report } from '../domain/report.ts';
import type { Scan } from '../domain/scan.ts';
import { type AggregateDeps, summarise } from './aggregate-scan.ts';
import { hostReports } from './host-reports.ts';

/** The report of a scan, over or not: what is not settled yet is counted as pending. */
export async function readReport(deps: AggregateDeps, scan: Scan): Promise<Report> {
  const summary = scan.summary ?? (await summarise(scan, deps, scan.finishedAt ?? deps.clock.wall()));
  return { scan, summary, hosts: hostReports(scan, deps.store) };
}
