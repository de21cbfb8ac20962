import type { ScanCost } from '../../domain/cost.ts';
import { type Presence, presenceOf } from '../../domain/host-presence.ts';
import { countPorts, formatPorts, NO_PORTS, type PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS } from '../../domain/probe.ts';
import type { HostReport, Report } from '../../domain/report.ts';
import { PORT_STATES, type PortState } from '../../domain/verdict.ts';
import { exposureNotes } from '../exposure.ts';
import { type FoldedHost, foldHost, type PortGap, type PortGroup, type PortRow } from './fold.ts';
import { type HostEvent, hostEventsOf } from './host-events.ts';
import { countHostStates, doneWords, endingError, type HostCounts } from './nmap-words.ts';
import { serviceElements } from './nmap-xml-service.ts';
import { attributes, xmlComment } from './printable.ts';
import type { Ending, FormatOptions, MakeSections } from './sections.ts';
import { ctimeFormat } from './time.ts';
import { XML_STYLE } from './xml-style.ts';

/**
 * nmap's XML, version 1.05 of its DTD (which demands scanner="nmap"). What the DTD has no place for, the time a port
 * was seen, the ports that were not probed and what befell a host, stands in processing instructions named `portfleet`: every reader of nmap's
 * files skips them, and ours reads them back.
 */
export const xmlSections: MakeSections = (report, options) => {
  const counts = countHostStates();
  return {
    *head() {
      yield* documentHead(report, options);
    },
    *item(host) {
      const presence = presenceOf(host);
      counts.count(presence);
      yield* hostElement(host, presence, report.scan, options);
    },
    *tail(ending) {
      for (const each of hostEventsOf(report.summary)) yield eventInstruction(each);
      if (report.summary.cost) yield costInstruction(report.summary.cost);
      yield runStatistics(report, options, counts, ending);
    },
  };
};

function* documentHead({ scan }: Pick<Report, 'scan'>, options: FormatOptions): Generator<string> {
  const started = ctimeFormat(options.timeZone)(scan.submittedAt);
  const run = {
    scanner: 'nmap',
    args: options.args,
    start: epochSeconds(scan.submittedAt),
    startstr: started,
    version: options.version,
    xmloutputversion: '1.05',
  };
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n';
  yield styleInstruction(options.stylesheet);
  yield `<!-- Portfleet ${xmlComment(`${options.version} scan initiated ${started} as: ${options.args}`)} -->\n`;
  yield `<nmaprun${attributes(run)}>\n`;
  for (const protocol of PROTOCOLS) yield scanInfo(scan.plan.ports, protocol);
  yield '<verbose level="0"/>\n<debugging level="0"/>\n';
}

/**
 * nmap names a transformation (XSLT) in a file of its own machine: a browser elsewhere finds none, and newer ones transform
 * nothing any more. Ours is a style that stands in the document itself.
 */
function styleInstruction(stylesheet: string | null | undefined): string {
  if (stylesheet === null) return '';
  const style =
    stylesheet === undefined
      ? { type: 'text/css', href: `data:text/css,${encodeURIComponent(XML_STYLE)}` }
      : { type: /\.css$/i.test(stylesheet) ? 'text/css' : 'text/xsl', href: stylesheet };
  return `<?xml-stylesheet${attributes(style)}?>\n`;
}

function scanInfo(ports: PortSet, protocol: (typeof PROTOCOLS)[number]): string {
  const ranges = ports[protocol];
  if (ranges.length === 0) return '';
  // Without a protocol letter: formatted as if they were TCP ports.
  const services = formatPorts({ ...NO_PORTS, tcp: ranges });
  const numservices = countPorts({ ...NO_PORTS, tcp: ranges });
  return `<scaninfo${attributes({ type: protocol === 'tcp' ? 'connect' : 'udp', protocol, numservices, services })}/>\n`;
}

function* hostElement(
  host: HostReport,
  presence: Presence,
  scan: Report['scan'],
  options: FormatOptions,
): Generator<string> {
  const times = { starttime: epochSeconds(scan.submittedAt), endtime: epochSeconds(scan.finishedAt ?? options.now) };
  yield `<host${attributes(times)}><status${attributes({ ...statusOf(presence), reason_ttl: 0 })}/>\n`;
  yield `<address${attributes({ addr: host.address, addrtype: host.address.includes(':') ? 'ipv6' : 'ipv4' })}/>\n`;
  const { mac, vendor } = host.facts ?? {};
  if (mac !== undefined) yield `<address${attributes({ addr: mac, addrtype: 'mac', vendor })}/>\n`;
  yield '<hostnames>\n';
  for (const name of host.names) yield `<hostname${attributes({ name, type: 'user' })}/>\n`;
  for (const name of host.reverseNames ?? []) yield `<hostname${attributes({ name, type: 'PTR' })}/>\n`;
  yield '</hostnames>\n<ports>';
  yield* nmapPorts(foldHost(host, scan.plan.ports));
  yield '</ports>\n';
  const claims = exposureNotes(host, scan.plan.ports).join('; ');
  if (claims !== '') {
    yield `<hostscript><script${attributes({ id: 'portfleet-security-groups', output: claims })}/></hostscript>\n`;
  }
  yield '</host>\n';
}

/** A silent host is `up` because the user set it so: what nmap writes under -Pn. */
function statusOf(presence: Presence): { state: string; reason: string } {
  switch (presence.state) {
    case 'up':
    case 'down':
      return presence;
    case 'silent':
      return { state: 'up', reason: 'user-set' };
    case 'unasked':
      return { state: 'unknown', reason: 'unknown-response' };
    default:
      return presence satisfies never;
  }
}

function runStatistics(
  { scan, summary }: Pick<Report, 'scan' | 'summary'>,
  options: FormatOptions,
  counts: HostCounts,
  ending: Ending,
): string {
  const time = scan.finishedAt ?? options.now;
  const error = endingError(scan, ending);
  const finished = {
    time: epochSeconds(time),
    timestr: ctimeFormat(options.timeZone)(time),
    summary: doneWords(counts, ctimeFormat(options.timeZone)(time), '; ', summary.duration),
    elapsed: (summary.duration / 1000).toFixed(2),
    exit: error === undefined ? 'success' : 'error',
    errormsg: error,
  };
  const hosts = { up: counts.up(), down: counts.down(), total: counts.total() };
  return `<runstats><finished${attributes(finished)}/><hosts${attributes(hosts)}/>\n</runstats>\n</nmaprun>\n`;
}

const epochSeconds = (at: number): number => Math.floor(at / 1000);

/** What stands between `<ports>` and `</ports>`. */
export function* nmapPorts({ folded, rows, gaps }: FoldedHost): Generator<string> {
  for (const gap of gaps) yield gapInstruction(gap);
  for (const state of PORT_STATES) yield* extraPorts(state, folded);
  for (const row of rows) yield portElement(row);
}

/** One element a state: ndiff warns of a second one. */
function* extraPorts(state: PortState, folded: readonly PortGroup[]): Generator<string> {
  const groups = folded.filter((group) => group.state === state);
  if (groups.length === 0) return;
  yield `<extraports${attributes({ state, count: groups.reduce((sum, group) => sum + group.count, 0) })}>\n`;
  for (const { reason, count, protocol, ranges } of groups) {
    yield `<extrareasons${attributes({ reason, count, proto: protocol, ports: plainRanges(ranges) })}/>\n`;
  }
  yield '</extraports>\n';
}

/** nmap's port lists carry no protocol letters: formatted as if they were TCP ports. */
const plainRanges = (ranges: PortGroup['ranges']): string => formatPorts({ ...NO_PORTS, tcp: ranges });

function portElement({ protocol, port, state, reason, finding }: PortRow): string {
  const inside = finding ? serviceElements(finding) : '';
  return `<port${attributes({ protocol, portid: port })}><state${attributes({ state, reason, reason_ttl: 0 })}/>${inside}</port>\n`;
}

const eventInstruction = ({ event, address, from, until, ports, answered }: HostEvent): string =>
  `<?portfleet event${attributes({ kind: event, address, from: from ?? undefined, until: until ?? undefined, ports, answered })}?>\n`;

const costInstruction = ({ dollars, estimate, limit, workerSeconds, requests, writeUnits }: ScanCost): string =>
  `<?portfleet cost${attributes({ dollars, estimated: estimate.expected, limit: limit ?? undefined, workerSeconds, requests, writeUnits })}?>\n`;

const gapInstruction = ({ protocol, verdict, count, ranges }: PortGap): string =>
  `<?portfleet gap${attributes({ protocol, verdict, count, ports: plainRanges(ranges) })}?>\n`;
