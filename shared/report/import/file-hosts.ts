import { type ChunkCoverage, NO_PROBES, type Run } from '../../domain/coverage.ts';
import type { Finding } from '../../domain/finding.ts';
import { PROTOCOLS } from '../../domain/probe.ts';
import type { HostReport } from '../../domain/report.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import { type Address, chunkNumber, type EpochMillis } from '../../domain/units.ts';
import { isSettled, isUnprobed, type Settled, type Unprobed, type Verdict } from '../../domain/verdict.ts';
import { layOut, newCodes, overwriteCodes, type PortCodes, readVerdicts } from './host-verdicts.ts';
import type { FileHost, FilePort, ScanFile } from './scan-file.ts';
import type { ReadFile, Survey } from './survey.ts';

/**
 * The hosts of the file as a report has them, in the file's order. A host of several elements comes when the last of them
 * is read; only the elements of such hosts are held.
 */
export async function* hostsOfFile(
  file: ScanFile,
  read: ReadFile,
  survey: Survey,
  finishedAt: EpochMillis,
): AsyncGenerator<HostReport, void, void> {
  const held = new Map<Address, FileHost[]>();
  for await (const host of read(file)) {
    const times = survey.repeated.get(host.address) ?? 1;
    const elements = [...(held.get(host.address) ?? []), host];
    if (elements.length < times) {
      held.set(host.address, elements);
      continue;
    }
    held.delete(host.address);
    yield hostReport(elements, survey, finishedAt);
  }
}

/** The same in the order of the plan; a file that has them so already is not held. */
export async function* hostsInPlanOrder(
  hosts: AsyncIterable<HostReport>,
  { inOrder, addresses }: Survey,
): AsyncGenerator<HostReport, void, void> {
  if (inOrder) {
    yield* hosts;
    return;
  }
  const all = new Map<Address, HostReport>();
  for await (const host of hosts) all.set(host.address, host);
  for (const address of addresses) {
    const host = all.get(address);
    if (host) yield host;
  }
}

function hostReport(elements: readonly FileHost[], survey: Survey, finishedAt: EpochMillis): HostReport {
  const ports = new Map<string, FilePort>();
  let codes: PortCodes | undefined;
  for (const element of elements) {
    const own = readVerdicts(element).codes;
    if (codes) overwriteCodes(codes, own);
    else codes = own;
    // Backwards, because of two elements for one port the first counts; of two documents, the later.
    for (const port of element.ports.toReversed()) {
      const key = `${port.protocol}/${port.port}`;
      ports.set(key, joinPorts(port, ports.get(key)));
    }
  }
  const last = elements.at(-1) as FileHost;
  const names = [...new Set(elements.flatMap((element) => element.names))];
  const facts = survey.facts.hosts[last.address];
  const { findings, runs } = layOut(codes ?? newCodes(), survey.ports, ports, last, finishedAt);
  return { address: last.address, names, findings, runs, ...(facts && { facts }) };
}

/** masscan writes what a port said as an element of its own: it does not take the place of the port's, nor is it lost to it. */
function joinPorts(port: FilePort, other: FilePort | undefined): FilePort {
  if (other?.seen?.banner === undefined || port.service !== null) return port;
  const seen = { ...other.seen, at: port.seen?.at ?? other.seen.at };
  return { ...port, service: other.service, seen };
}

/** What a store keeps of one chunk. */
export interface ImportedChunk {
  readonly coverage: ChunkCoverage;
  readonly findings: readonly Finding[];
}

/** A whole host as the chunk with that number; the inverse of how a report is put together from chunks. */
export function chunkOfHost({ findings, runs }: HostReport, number: number): ImportedChunk {
  const coverage: [length: number, verdict: Verdict][] = [];
  const add = (length: number, verdict: Verdict): void => {
    const last = coverage.at(-1);
    if (last?.[1] === verdict) last[0] += length;
    else coverage.push([length, verdict]);
  };
  for (const protocol of PROTOCOLS) {
    const open = findings.filter((each) => each.protocol === protocol);
    let next = 0;
    const addOpenBefore = (port: number): void => {
      for (let finding = open[next]; finding && finding.port < port; finding = open[++next]) {
        add(1, `${finding.state}/${finding.reason}` as Verdict);
      }
    };
    for (const run of runs) {
      if (run.protocol !== protocol) continue;
      addOpenBefore(run.first);
      add(run.count, run.verdict);
    }
    addOpenBefore(Infinity);
  }
  return { coverage: { chunk: chunkNumber(number), runs: coverage satisfies Run[], tally: NO_PROBES }, findings };
}

/** Every port of every host, counted once. */
export async function summariseHosts(
  hosts: AsyncIterable<HostReport>,
): Promise<Omit<ScanSummary, 'tally' | 'anomalies' | 'duration'>> {
  const counts = new Map<Verdict, number>();
  const add = (verdict: Verdict, count: number): void => {
    counts.set(verdict, (counts.get(verdict) ?? 0) + count);
  };
  for await (const { findings, runs } of hosts) {
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
  return { planned, settled, unprobed, pending: 0 };
}
