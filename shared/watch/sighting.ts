import type { Finding } from '../domain/finding.ts';
import { isAnswer } from '../domain/host-presence.ts';
import { plannedPorts } from '../domain/planned-ports.ts';
import { type PortAt, type PortRange, type PortSet, portSet } from '../domain/port-set.ts';
import type { HostReport, Report } from '../domain/report.ts';
import { type Address, type HostKey, hostKey } from '../domain/units.ts';
import { isSettled, isUnprobed, type UnprobedCause, type Verdict } from '../domain/verdict.ts';
import type { PortKey } from '../domain/watch-alert.ts';
import { portKey } from './facts.ts';

/** One host as one scan saw it. The addresses of one name are one host: open is what is open on any of them. */
export interface HostSighting {
  readonly host: HostKey;
  readonly addresses: readonly [Address, ...Address[]];
  readonly planned: PortSet;
  readonly open: ReadonlyMap<PortKey, Finding>;
  /** Closed or filtered, on every address. */
  readonly shut: PortSet;
  readonly unprobed: {
    readonly ports: PortSet;
    readonly count: number;
    readonly cause: UnprobedCause | 'pending';
  } | null;
  /** The first port by which the host shows that it is there, an open one if there is one. */
  readonly answeredBy: PortKey | null;
  readonly anySettled: boolean;
}

/** Every host of the report, each once; the addresses of a name come together, when all of them are there. */
export async function* sightings({ scan, hosts }: Pick<Report, 'scan' | 'hosts'>): AsyncGenerator<HostSighting> {
  const byName = new Map<string, [HostReport, ...HostReport[]]>();
  for await (const host of hosts) {
    const [name] = host.names;
    if (name === undefined) yield sightOf(hostKey(host.address), [host], scan.plan.ports);
    else {
      const reports = byName.get(name);
      if (reports) reports.push(host);
      else byName.set(name, [host]);
    }
  }
  for (const [name, reports] of byName) yield sightOf(hostKey(name), reports, scan.plan.ports);
}

/** Causes that no later run mends, and that the user was told of at submission: no failure to probe. */
const NO_FAILURE: ReadonlySet<string> = new Set(['unprobed/blocked-by-vantage', 'unprobed/host-silent']);

interface SightingDraft {
  readonly open: Map<PortKey, Finding>;
  readonly shut: Map<PortKey, PortAt>;
  readonly unprobed: Map<PortKey, PortAt & { readonly verdict: Verdict }>;
  answeredBy: PortKey | null;
}

function sightOf(host: HostKey, reports: readonly [HostReport, ...HostReport[]], planned: PortSet): HostSighting {
  const draft: SightingDraft = { open: new Map(), shut: new Map(), unprobed: new Map(), answeredBy: null };
  for (const report of reports) {
    for (const { protocol, port, verdict, finding } of plannedPorts(report, planned)) {
      const key = portKey({ protocol, port });
      if (finding && finding.state === 'open') draft.open.set(key, draft.open.get(key) ?? finding);
      else if (isSettled(verdict)) {
        draft.shut.set(key, { protocol, port });
        if (isAnswer(verdict)) draft.answeredBy ??= key;
      } else if (!NO_FAILURE.has(verdict)) draft.unprobed.set(key, { protocol, port, verdict });
    }
  }
  // Of the addresses of a name, an open one decides, and one that was not probed leaves the port undecided.
  for (const key of draft.open.keys()) for (const less of [draft.shut, draft.unprobed]) less.delete(key);
  for (const key of draft.unprobed.keys()) draft.shut.delete(key);
  const [first] = draft.unprobed.values();
  return {
    host,
    addresses: [reports[0].address, ...reports.slice(1).map(({ address }) => address)],
    planned,
    open: draft.open,
    shut: setOf(draft.shut.values()),
    unprobed: first
      ? { ports: setOf(draft.unprobed.values()), count: draft.unprobed.size, cause: causeOf(first.verdict) }
      : null,
    answeredBy: [...draft.open.keys()][0] ?? draft.answeredBy,
    anySettled: draft.open.size + draft.shut.size > 0,
  };
}

const causeOf = (verdict: Verdict): UnprobedCause | 'pending' =>
  isUnprobed(verdict) ? (verdict.slice('unprobed/'.length) as UnprobedCause) : 'pending';

/** A set of single ports. */
export function setOf(ports: Iterable<PortAt>): PortSet {
  const ranges: Record<PortAt['protocol'], PortRange[]> = { tcp: [], udp: [] };
  for (const { protocol, port } of ports) ranges[protocol].push([port, port]);
  return portSet(ranges.tcp, ranges.udp);
}
