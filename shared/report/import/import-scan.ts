import { errorValue, PortfleetError } from '../../domain/errors.ts';
import type { ImportFacts } from '../../domain/imported.ts';
import { countPorts, formatPorts } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Plan, Scan, ScanSummary } from '../../domain/scan.ts';
import { DEFAULT_TIMING, TIMING_NAMES, TIMING_TEMPLATES, type Timing } from '../../domain/timing-template.ts';
import { type EpochMillis, epochMillis, millis, type ScanId, seed } from '../../domain/units.ts';
import { chunkOfHost, hostsInPlanOrder, hostsOfFile, type ImportedChunk, summariseHosts } from './file-hosts.ts';
import { factsOfEvents } from './read-event.ts';
import type { OwnScan, ScanFile } from './scan-file.ts';
import { type ReadFile, rangesOf, type Survey, surveyFile } from './survey.ts';

/*
 * Imports: the file of another scanner enters, and a scan of ours leaves, with its hosts and its stored chunks.
 * A first reading (`survey`) finds out which hosts and ports there are; the hosts are read again when they are wanted
 * (`file-hosts`), so that a file of any size takes the memory of its largest host. `read-nmap-xml`, `read-json` and
 * `read-list` read the formats, `host-verdicts` decides what a file knows of each port.
 */

/** A scan by another program, in the shape in which a store holds ours. */
export interface ImportedScan {
  /** Over, with its summary. */
  readonly scan: Scan;
  /** Hosts or ports of the file are not in it; the scan's notes name them. */
  readonly hasLosses: boolean;
  /** In the order of the plan. */
  hosts(): AsyncGenerator<HostReport, void, void>;
  /** One chunk a host, in the order of the file. */
  chunks(): AsyncGenerator<ImportedChunk, void, void>;
}

/**
 * Lays the file out as a plan: its addresses times every port that was scanned or is mentioned. What the file does not
 * tell of a pair is `unprobed/not-recorded`. Errors: those of `read`.
 */
export async function layOutFile(file: ScanFile, id: ScanId, read: ReadFile): Promise<Result<ImportedScan>> {
  try {
    const survey = await surveyFile(file, read);
    if (!survey.ok) return survey;
    const facts = survey.value;
    const { finishedAt } = timesOf(facts);
    const inFileOrder = () => hostsOfFile(file, read, facts, finishedAt);
    const numbers = new Map(facts.addresses.map((address, number) => [address, number]));
    async function* chunks(): AsyncGenerator<ImportedChunk, void, void> {
      for await (const host of inFileOrder()) yield chunkOfHost(host, numbers.get(host.address) ?? 0);
    }
    const scan = scanOf(facts, id, await summariseHosts(inFileOrder()));
    return ok({ scan, hasLosses: facts.hasLosses, hosts: () => hostsInPlanOrder(inFileOrder(), facts), chunks });
  } catch (error) {
    if (error instanceof PortfleetError) return err(...error.errors);
    throw error;
  }
}

/** Refuses to keep a scan that has nothing to show, for the reason that it has nothing. */
export function refuseEmpty({ scan }: ImportedScan, file: string): Result<void> {
  const { geometry } = scan.plan;
  if (geometry.addressCount > 0 && geometry.portCount > 0) return ok(undefined);
  const notes = scan.imported?.notes ?? [];
  const what = geometry.addressCount === 0 ? 'it has no host that can be read' : 'it tells of no port of any host';
  const hint =
    notes.length > 0
      ? notes.join(' ')
      : 'Import a scan of ports: one that only looked for hosts (nmap -sn) has nothing to show here.';
  return err(errorValue('NMAP_XML_UNREADABLE', `${file}: ${what}`, { hint }));
}

function planOf({ run, addresses, ports, identified }: Survey): Plan {
  const [addressCount, portCount] = [addresses.length, countPorts(ports)];
  return {
    addresses: rangesOf(addresses),
    ports,
    seed: seed(0),
    timing: timingOf(run.args),
    socketsPerWorker: null,
    detect: identified || /\s-(s\w*V|A)(\s|$)/.test(run.args) ? 'services' : 'none',
    geometry: { addressCount, portCount, kind: 'whole', size: 1, chunks: addressCount, lanes: 1 },
  };
}

/** The template that nmap was told to use. */
function timingOf(args: string): Timing {
  const [, name] = /\s-(T[0-5])(?:\s|$)/.exec(args) ?? [];
  return TIMING_TEMPLATES[TIMING_NAMES.find((each) => each === name) ?? DEFAULT_TIMING];
}

function timesOf({ run }: Survey): { readonly startedAt: EpochMillis; readonly finishedAt: EpochMillis } {
  const startedAt = run.startedAt ?? run.finishedAt ?? epochMillis(0);
  return { startedAt, finishedAt: run.finishedAt ?? startedAt };
}

function scanOf(survey: Survey, id: ScanId, counts: Omit<ScanSummary, 'tally' | 'anomalies' | 'duration'>): Scan {
  const plan = planOf(survey);
  const { addresses, names, run, facts } = survey;
  const { startedAt, finishedAt } = timesOf(survey);
  if (run.own) return ownScan(run.own, { names, plan }, facts);
  const hasGaps = Object.keys(counts.unprobed).length > 0 || survey.hasLosses;
  return {
    id,
    status: hasGaps ? 'complete-with-gaps' : 'complete',
    request: { targets: addresses, exclude: [], ports: formatPorts(plan.ports) },
    names,
    plan,
    imported: facts,
    submittedAt: startedAt,
    finishedAt,
    // How the probing went, the file does not tell.
    summary: { ...counts, ...factsOfEvents(run.events ?? []), duration: millis(Math.max(0, finishedAt - startedAt)) },
  };
}

/** Our own scan stays what it was, under its id; it is marked as imported where it was before, or is not whole. */
function ownScan(own: OwnScan, { names, plan }: Pick<Scan, 'names' | 'plan'>, facts: ImportFacts): Scan {
  const { timing, detect, imported, ...scan } = own;
  const hosts = facts.hosts;
  const marked = imported ? { ...imported, hosts } : facts.incomplete === undefined ? undefined : facts;
  return { ...scan, names, plan: { ...plan, timing, detect }, ...(marked && { imported: marked }) };
}
