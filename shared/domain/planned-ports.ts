import type { Finding } from './finding.ts';
import { portsOf } from './port-list.ts';
import type { PortAt, PortSet } from './port-set.ts';
import type { HostReport } from './report.ts';
import type { Verdict } from './verdict.ts';

/** One planned port of a host and what became of it; the finding where it is open. */
export interface PlannedPort extends PortAt {
  readonly verdict: Verdict;
  readonly finding: Finding | null;
}

/** Every planned port of the host in order: findings and runs, which share the ports among them, put back in one row. */
export function* plannedPorts({ findings, runs }: HostReport, planned: PortSet): Generator<PlannedPort, void, void> {
  let [nextFinding, nextRun, taken] = [0, 0, 0];
  for (const { protocol, port } of portsOf(planned)) {
    const finding = findings[nextFinding];
    if (finding?.protocol === protocol && finding.port === port) {
      nextFinding++;
      yield { protocol, port, verdict: `${finding.state}/${finding.reason}` as Verdict, finding };
      continue;
    }
    const run = runs[nextRun];
    yield { protocol, port, verdict: run?.verdict ?? 'pending', finding: null };
    taken++;
    if (taken === run?.count) [nextRun, taken] = [nextRun + 1, 0];
  }
}
