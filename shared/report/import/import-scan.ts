import { pointOf } from '../../domain/addresses/address-line.ts';
import { addressSet, singleAddress } from '../../domain/addresses/address-set.ts';
import { errorValue } from '../../domain/errors.ts';
import { MAX_PROBES_PER_SCAN } from '../../domain/limits.ts';
import { countPorts, formatPorts, type PortSet } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Plan, ResolvedName, Scan, ScanSummary } from '../../domain/scan.ts';
import { DEFAULT_TIMING, TIMING_NAMES, TIMING_TEMPLATES, type Timing } from '../../domain/timing-template.ts';
import { type Address, type ScanId, seed } from '../../domain/units.ts';
import { chunkOfHost, type ImportedChunk } from './chunk-of-host.ts';
import { hostReport } from './host-report.ts';
import { mentionedPorts } from './mentioned-ports.ts';
import type { NmapHost, NmapRun } from './nmap-run.ts';
import { summariseHosts } from './summarise-hosts.ts';

/*
 * Imports: the file of another scanner enters, and a scan of ours leaves, with its hosts and its stored chunks.
 * `read-nmap-xml` reads the file into an `NmapRun`; what follows from it is decided here and in `host-report`.
 */

/** A scan by somebody else, in the shape in which a store holds ours. */
export interface ImportedScan {
  /** Over, with its summary. */
  readonly scan: Scan;
  /** In the order of the plan. */
  hosts(): Generator<HostReport, void, void>;
  /** One chunk a host, in order. */
  chunks(): Generator<ImportedChunk, void, void>;
}

/**
 * Lays the file out as a plan: its addresses times every port it mentions. What the file does not tell of a pair is
 * `unprobed/not-recorded`. Errors: NMAP_XML_UNREADABLE where it tells of no port, TOO_MANY_PROBES.
 */
export function importScan(run: NmapRun, id: ScanId, file: string): Result<ImportedScan> {
  const ports = mentionedPorts(run);
  const inOrder = sorted(run.hosts);
  const probes = inOrder.length * countPorts(ports);
  if (probes === 0) {
    const hint = 'Import a scan of ports: one that only looked for hosts (nmap -sn) has nothing to show here.';
    return err(errorValue('NMAP_XML_UNREADABLE', `${file}: it tells of no port of any host`, { hint }));
  }
  if (probes > MAX_PROBES_PER_SCAN) {
    const product = `${inOrder.length} hosts times ${countPorts(ports)} ports`;
    return err(errorValue('TOO_MANY_PROBES', `${file}: ${product} are more than ${MAX_PROBES_PER_SCAN} probes`));
  }
  function* hosts(): Generator<HostReport, void, void> {
    for (const host of inOrder) yield hostReport(host, run, ports);
  }
  function* chunks(): Generator<ImportedChunk, void, void> {
    let number = 0;
    for (const host of hosts()) yield chunkOfHost(host, ports, number++);
  }
  const summary = summariseHosts(hosts(), run);
  return ok({ scan: scanOf(run, id, planOf(run, inOrder, ports), summary), hosts, chunks });
}

function sorted(hosts: readonly NmapHost[]): readonly NmapHost[] {
  const placed = hosts.map((host) => ({ host, place: pointOf(host.address) }));
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ host }) => host);
}

function planOf(run: NmapRun, hosts: readonly NmapHost[], ports: PortSet): Plan {
  const [addressCount, portCount] = [hosts.length, countPorts(ports)];
  return {
    addresses: addressSet(hosts.map(({ address }) => singleAddress(address))),
    ports,
    seed: seed(0),
    timing: timingOf(run.args),
    socketsPerWorker: null,
    detect: 'none',
    geometry: { addressCount, portCount, kind: 'whole', size: 1, chunks: addressCount, lanes: 1 },
  };
}

/** The template that nmap was told to use. */
function timingOf(args: string): Timing {
  const [, name] = /\s-(T[0-5])(?:\s|$)/.exec(args) ?? [];
  return TIMING_TEMPLATES[TIMING_NAMES.find((each) => each === name) ?? DEFAULT_TIMING];
}

function scanOf(run: NmapRun, id: ScanId, plan: Plan, summary: ScanSummary): Scan {
  const hasGaps = summary.pending > 0 || Object.keys(summary.unprobed).length > 0;
  return {
    id,
    status: hasGaps ? 'complete-with-gaps' : 'complete',
    request: { targets: run.hosts.map(({ address }) => address), exclude: [], ports: formatPorts(plan.ports) },
    names: namesOf(run.hosts),
    plan,
    submittedAt: run.startedAt,
    finishedAt: run.finishedAt,
    summary,
  };
}

function namesOf(hosts: readonly NmapHost[]): ResolvedName[] {
  const addresses = new Map<string, Address[]>();
  for (const { address, names } of hosts) {
    for (const name of names) {
      const known = addresses.get(name);
      if (known) known.push(address);
      else addresses.set(name, [address]);
    }
  }
  return [...addresses].map(([name, all]) => ({ name, addresses: all }));
}
