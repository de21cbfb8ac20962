import type { Finding } from '../../domain/finding.ts';
import { type PortAt, type PortSet, portsOf } from '../../domain/port-set.ts';
import { NO_SERVICE } from '../../domain/registry/services.ts';
import type { HostReport, PortRun } from '../../domain/report.ts';
import { millis } from '../../domain/units.ts';
import { isSettled, type Settled, stateAndReason, type Verdict } from '../../domain/verdict.ts';
import type { NmapHost, NmapPort, NmapRun } from './nmap-run.ts';
import { portVerdicts } from './port-verdicts.ts';

/** A host of the file as a report has it, over the ports of the whole import. */
export function hostReport(host: NmapHost, run: NmapRun, planned: PortSet): HostReport {
  const verdictAt = portVerdicts(host, run.asked);
  const elements = elementsByPort(host.ports);
  const findings: Finding[] = [];
  const runs: Mutable<PortRun>[] = [];
  let current: Mutable<PortRun> | undefined;
  for (const at of portsOf(planned)) {
    const verdict = verdictAt(at);
    if (isOpen(verdict)) {
      findings.push(findingOf(at, verdict, host, elements[at.protocol].get(at.port), run));
      current = undefined;
    } else if (current?.protocol === at.protocol && current.verdict === verdict) {
      current.last = at.port;
      current.count++;
    } else {
      current = { protocol: at.protocol, first: at.port, last: at.port, count: 1, verdict };
      runs.push(current);
    }
  }
  return { address: host.address, names: host.names, findings, runs };
}

type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] };

const isOpen = (verdict: Verdict): verdict is Settled => isSettled(verdict) && stateAndReason(verdict).state === 'open';

function elementsByPort(ports: readonly NmapPort[]) {
  const elements = { tcp: new Map<number, NmapPort>(), udp: new Map<number, NmapPort>() };
  // Backwards, because of two elements for one port the first counts.
  for (const each of ports.toReversed()) elements[each.protocol].set(each.port, each);
  return elements;
}

/** nmap tells no time and no round trip of a single port: then it is when the host was done, and zero. */
function findingOf(at: PortAt, verdict: Settled, host: NmapHost, element: NmapPort | undefined, run: NmapRun): Finding {
  const seen = element?.seen;
  return {
    address: host.address,
    ...at,
    ...stateAndReason(verdict),
    service: element?.service ?? { name: NO_SERVICE, method: 'table' },
    seenAt: seen?.at ?? host.endedAt ?? run.finishedAt,
    rtt: seen?.rtt ?? millis(0),
    attempt: seen?.attempt ?? 1,
    ...(seen?.banner !== undefined && { banner: seen.banner }),
    ...(seen?.tls && { tls: seen.tls }),
  };
}
