import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import { NO_PROBES, type ProbeTally } from '../../domain/coverage.ts';
import { DETECTIONS } from '../../domain/detection.ts';
import { errorValue } from '../../domain/errors.ts';
import type { HostFacts, ImportFacts } from '../../domain/imported.ts';
import type { PortSet } from '../../domain/port-set.ts';
import { err, ok } from '../../domain/result.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import { isOver, SCAN_STATUSES } from '../../domain/scan-status.ts';
import { DEFAULT_TIMING, TIMING_NAMES, TIMING_TEMPLATES } from '../../domain/timing-template.ts';
import { type EpochMillis, epochMillis, millis, scanId } from '../../domain/units.ts';
import { isSettled, isUnprobed, type Settled, type Unprobed, verdictNamed } from '../../domain/verdict.ts';
import { parsePorts } from '../../request/parse-ports.ts';
import type { HostEvent } from '../formats/host-events.ts';
import { jsonSplitter } from './json-parts.ts';
import { factsOfEvents, readEvent } from './read-event.ts';
import { parseJson } from './read-json.ts';
import { isRecord, readTls } from './read-service.ts';
import { readPort, readProtocol, textOf } from './read-values.ts';
import type { FileExtra, FileGap, FileHost, FilePort, FileReader, OwnScan, ScanFile } from './scan-file.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * The JSON of `portfleet --format json`, read back whole: the scan keeps its id, and everything that its report says.
 * Errors: NMAP_XML_UNREADABLE.
 */
export async function* readOwnJson(file: ScanFile): FileReader {
  const splitter = jsonSplitter('members');
  const head = new Map<string, Members>();
  let scanned: PortSet | null = null;
  let unreadable = 0;
  for await (const piece of file.open()) {
    for (const { key, text } of splitter.push(piece)) {
      const value = parseJson(text);
      if (key !== 'hosts') {
        if (key !== null && isRecord(value)) head.set(key, value);
        if (key === 'scan') scanned = plannedPorts(value);
        continue;
      }
      const host = isRecord(value) ? hostOf(value, scanned) : undefined;
      if (host) yield host;
      else unreadable++;
    }
  }
  const isWhole = splitter.isWhole() && head.get('ending')?.['kind'] === 'finished' && unreadable === 0;
  const own = ownScan(head, isWhole);
  if (!own)
    return err(
      errorValue('NMAP_XML_UNREADABLE', `${file.name}: its scan cannot be read; it is not as Portfleet writes it`),
    );
  const unfinished = isOver(own.status) ? undefined : 'the scan was still running when the file was written';
  return ok({
    tool: `portfleet ${textOf(head.get('generator')?.['version'] ?? '')}`,
    args: '',
    startedAt: own.submittedAt,
    finishedAt: own.finishedAt ?? own.submittedAt,
    scanned,
    incomplete: isWhole ? unfinished : 'the file does not hold the whole report; hosts may be missing',
    lostHosts: unreadable,
    omitted: new Map(),
    remarks: [],
    own: isOver(own.status)
      ? own
      : { ...own, status: 'complete-with-gaps', finishedAt: own.finishedAt ?? own.submittedAt },
  });
}

/** The ports of the plan; reports of the first versions do not have them. */
function plannedPorts(scan: unknown): PortSet | null {
  const text = isRecord(scan) ? scan['ports'] : undefined;
  if (typeof text !== 'string') return null;
  const ports = parsePorts(text, 'ports');
  return ports.ok ? ports.value : null;
}

function ownScan(head: ReadonlyMap<string, Members>, isWhole: boolean): OwnScan | undefined {
  const [scan, shown] = [head.get('scan'), head.get('summary')];
  const id = scanId(textOf(scan?.['id']));
  const status = SCAN_STATUSES.find((each) => each === scan?.['status']);
  const request = scan?.['request'];
  const [submittedAt, finishedAt] = [timeOf(scan?.['submittedAt']), timeOf(scan?.['finishedAt'])];
  if (!scan || !shown || !id || !status || !isRecord(request) || submittedAt === undefined) return undefined;
  const { targets, exclude, ports } = request;
  const timing = TIMING_NAMES.find((each) => each === scan['timing']) ?? DEFAULT_TIMING;
  return {
    id,
    status: isWhole || status !== 'complete' ? status : 'complete-with-gaps',
    request: { targets: textsOf(targets), exclude: textsOf(exclude), ports: textOf(ports ?? '') },
    submittedAt,
    finishedAt: finishedAt ?? null,
    summary: summaryOf(shown),
    timing: TIMING_TEMPLATES[timing],
    detect: DETECTIONS.find((each) => each === scan['detect']) ?? 'none',
    ...importedOf(scan['imported']),
  };
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

function importedOf(value: unknown): { readonly imported?: ImportFacts } {
  if (!isRecord(value)) return {};
  const { file, tool, ports, incomplete, notes } = value;
  const known = ports === 'mentioned' ? 'mentioned' : 'listed';
  const why = typeof incomplete === 'string' ? { incomplete } : {};
  return {
    imported: { file: textOf(file), tool: textOf(tool), ports: known, ...why, notes: textsOf(notes), hosts: {} },
  };
}

const numberOf = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);

/** What was pending when the report was written stays unknown. */
function summaryOf(shown: Members): ScanSummary {
  const settled: Partial<Record<Settled, number>> = {};
  const unprobed: Partial<Record<Unprobed, number>> = {};
  for (const [name, count] of countsOf(shown['settled'], shown['unprobed'])) {
    const verdict = verdictNamed(name);
    if (verdict && isSettled(verdict)) settled[verdict] = count;
    else if (verdict && isUnprobed(verdict)) unprobed[verdict] = count;
  }
  const pending = numberOf(shown['pending']);
  if (pending > 0) unprobed['unprobed/not-recorded'] = (unprobed['unprobed/not-recorded'] ?? 0) + pending;
  const { tally, anomalies } = factsOfEvents([
    ...recordsOf(shown['silences']).flatMap(eventOfSilence),
    ...recordsOf(shown['suspicions']).flatMap(eventOfSuspicion),
  ]);
  const leftOut = numberOf(shown['suspicionsLeftOut']);
  return {
    planned: numberOf(shown['planned']),
    settled,
    unprobed,
    pending: 0,
    tally: { ...tallyOf(shown['asks']), ...(tally.incidents && { incidents: tally.incidents }) },
    anomalies,
    ...(leftOut > 0 && { anomaliesLeftOut: leftOut }),
    ...unheardOf(shown['unheard']),
    duration: millis(numberOf(shown['durationMs'])),
  };
}

const recordsOf = (value: unknown): Members[] => (Array.isArray(value) ? value.filter(isRecord) : []);

const timeOf = (value: unknown): EpochMillis | undefined => {
  const at = Date.parse(textOf(value));
  return Number.isNaN(at) ? undefined : epochMillis(at);
};

const asList = <Value>(value: Value | undefined): Value[] => (value === undefined ? [] : [value]);

function eventOfSilence({ address, heardUntil, heardAgain, portsNotTold }: Members): HostEvent[] {
  const [from, until] = [timeOf(heardUntil), timeOf(heardAgain)];
  return asList(readEvent({ event: 'went-silent', address, from, until, ports: portsNotTold }));
}

function eventOfSuspicion({ kind, address, since, until, ports, open, answered }: Members): HostEvent[] {
  const [from, to] = [timeOf(since), timeOf(until)];
  return asList(readEvent({ event: kind, address, from, until: to, ports: ports ?? open, answered }));
}

function unheardOf(value: unknown): Pick<ScanSummary, 'unheard'> {
  if (!isRecord(value)) return {};
  return { unheard: { hosts: numberOf(value['hosts']), beyond: millis(numberOf(value['beyondMs'])) } };
}

const countsOf = (...members: unknown[]): [string, number][] =>
  members.flatMap((each) =>
    isRecord(each) ? Object.entries(each).map(([name, count]) => [name, numberOf(count)] as [string, number]) : [],
  );

function tallyOf(shown: unknown): ProbeTally {
  if (!isRecord(shown)) return NO_PROBES;
  const rate = (name: string): number | undefined =>
    typeof shown[name] === 'number' ? (shown[name] as number) : undefined;
  const [answersPerSecond, pacedTo, smoothedRtt] = [rate('answersPerSecond'), rate('pacedTo'), rate('smoothedRttMs')];
  const pings = numberOf(shown['pings']);
  return {
    sent: numberOf(shown['sent']),
    answered: numberOf(shown['answered']),
    answeredRetries: numberOf(shown['answeredRetries']),
    mostAttempts: numberOf(shown['mostAttempts']),
    smoothedRtt: smoothedRtt === undefined ? null : millis(smoothedRtt),
    ...(answersPerSecond !== undefined && { answersPerSecond }),
    ...(pings > 0 && { pings, pingsAnswered: numberOf(shown['pingsAnswered']) }),
    ...(pacedTo !== undefined && { pacedTo }),
  };
}

function hostOf(value: Members, scanned: PortSet | null): FileHost | undefined {
  const address = canonicalAddress(textOf(value['address']));
  if (!address) return undefined;
  const others = Array.isArray(value['otherPorts']) ? value['otherPorts'].filter(isRecord) : [];
  const ports = Array.isArray(value['ports']) ? value['ports'].filter(isRecord).flatMap(portOf) : [];
  return {
    address,
    names: textsOf(value['names']),
    facts: factsOf(value),
    endedAt: null,
    ports,
    extras: others.flatMap(extraOf),
    gaps: others.flatMap(gapOf),
    scanned,
  };
}

function factsOf({ mac, vendor, status, reverseNames }: Members): HostFacts {
  const known = isRecord(status) && (status['state'] === 'up' || status['state'] === 'down') ? status : undefined;
  return {
    ...(typeof mac === 'string' && { mac }),
    ...(typeof vendor === 'string' && { vendor }),
    ...(Array.isArray(reverseNames) && { reverseNames: textsOf(reverseNames) }),
    ...(known && { status: { state: known['state'] as 'up' | 'down', reason: textOf(known['reason']) } }),
  };
}

function portOf(value: Members): FilePort[] {
  const [protocol, port] = [readProtocol(textOf(value['protocol'])), readPort(value['port'])];
  const at = timeOf(value['seenAt']);
  const { service, banner, tls, rttMs, attempt } = value;
  if (!protocol || port === undefined || at === undefined || !isRecord(service)) return [];
  // `usually` is the registry's, which this program has too.
  const { usually: _, ...named } = service;
  const facts = readTls(tls);
  const seen = {
    at: epochMillis(at),
    rtt: millis(numberOf(rttMs)),
    attempt: numberOf(attempt),
    ...(typeof banner === 'string' && { banner }),
    ...(facts && { tls: facts }),
  };
  const known = named as unknown as FilePort['service'];
  return [{ protocol, port, state: textOf(value['state']), reason: textOf(value['reason']), service: known, seen }];
}

function rangeOf(value: Members): FileGap | undefined {
  const [first, last] = [readPort(value['first']), readPort(value['last'])];
  const protocol = readProtocol(textOf(value['protocol']));
  if (!protocol || first === undefined || last === undefined) return undefined;
  return { protocol, ranges: [[first, last]], verdict: 'pending' };
}

function extraOf(value: Members): FileExtra[] {
  const [range, state, count] = [rangeOf(value), value['state'], numberOf(value['count'])];
  if (!range || typeof state !== 'string') return [];
  return [{ state, count, reasons: [{ reason: textOf(value['reason']), count, ports: range }] }];
}

function gapOf(value: Members): FileGap[] {
  const [range, verdict] = [rangeOf(value), verdictNamed(`unprobed/${textOf(value['unprobed'])}`)];
  if (!range) return [];
  if (value['pending'] === true) return [range];
  return verdict && isUnprobed(verdict) ? [{ ...range, verdict }] : [];
}
