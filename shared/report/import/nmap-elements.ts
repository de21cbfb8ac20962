import { zoneOf } from '../../domain/addresses/address-line.ts';
import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import { quoted } from '../../domain/excerpt.ts';
import type { Service } from '../../domain/finding.ts';
import type { HostFacts } from '../../domain/imported.ts';
import { type PortSet, portSet } from '../../domain/port-set.ts';
import { type Address, type EpochMillis, millis, portNumber } from '../../domain/units.ts';
import { isSettled, verdictNamed } from '../../domain/verdict.ts';
import type { HostEvent } from '../formats/host-events.ts';
import { readMasscanBanner } from './masscan-banner.ts';
import { readEvent } from './read-event.ts';
import { readMore, readService } from './read-service.ts';
import { readNumber, readPortList, readProtocol, readTime } from './read-values.ts';
import type { FileExtraReason, FileGap, FileHost, FilePort } from './scan-file.ts';
import type { Attributes } from './xml-tokens.ts';

/** A run while it is read; a file of `--append-output` has several. */
export interface RunDraft {
  tool: string;
  args: string;
  startedAt?: EpochMillis | undefined;
  finishedAt?: EpochMillis | undefined;
  /** Of the document that is open. */
  scanned: PortSet | null;
  /** Of all documents; null once one of them does not say. */
  allScanned: PortSet | null | undefined;
  host: HostDraft;
  port: PortDraft;
  incomplete?: string | undefined;
  documents: number;
  hostsDown: number;
  hostsDownListed: number;
  lostHosts: number;
  lastHostAt?: EpochMillis | undefined;
  readonly events: HostEvent[];
  readonly omitted: Map<string, number>;
  readonly remarks: Set<string>;
  /** Hosts that are whole and not yet handed on. */
  readonly ready: FileHost[];
}

interface HostDraft {
  address?: Address | undefined;
  /** What could not be read as an address. */
  unreadable?: string | undefined;
  facts: { -readonly [Key in keyof HostFacts]: HostFacts[Key] };
  endedAt: EpochMillis | null;
  readonly names: Set<string>;
  readonly ports: FilePort[];
  readonly extras: { state: string; count: number; reasons: FileExtraReason[] }[];
  readonly gaps: FileGap[];
}

type PortDraft = { -readonly [Key in keyof FilePort]?: FilePort[Key] | undefined } & {
  /** The protocol as it is written: sctp and ip are counted by it. */
  written?: string | undefined;
};

const newHost = (): HostDraft => ({ facts: {}, endedAt: null, names: new Set(), ports: [], extras: [], gaps: [] });

export const newRun = (): RunDraft => ({
  tool: 'nmap',
  args: '',
  scanned: null,
  allScanned: undefined,
  host: newHost(),
  port: {},
  documents: 0,
  hostsDown: 0,
  hostsDownListed: 0,
  lostHosts: 0,
  events: [],
  omitted: new Map(),
  remarks: new Set(),
  ready: [],
});

export function omit(run: Pick<RunDraft, 'omitted'>, what: string, count = 1): void {
  run.omitted.set(what, (run.omitted.get(what) ?? 0) + count);
}

/** More remarks of one kind than this would bury the others. */
const MOST_REMARKS = 20;

export function remark(run: Pick<RunDraft, 'remarks'>, sentence: string): void {
  if (run.remarks.size < MOST_REMARKS) run.remarks.add(sentence);
  else if (run.remarks.size === MOST_REMARKS) run.remarks.add('There is more of that kind.');
}

type Steps = Readonly<Record<string, (run: RunDraft, attributes: Attributes) => void>>;

/** What is done at the beginning of an element, by its path from the root. The others are skipped. */
export const AT_BEGINNING: Steps = {
  nmaprun(run, attributes) {
    const scanner = attributes.get('scanner') ?? 'nmap';
    run.documents++;
    run.tool = [scanner, attributes.get('version')].filter((word) => word).join(' ');
    run.args ||= attributes.get('args') ?? '';
    run.startedAt ??= readTime(attributes.get('start'), 1000);
    run.scanned = null;
  },
  'nmaprun/scaninfo': readScanInfo,
  'nmaprun/target'(run, attributes) {
    const [target, why] = [attributes.get('specification'), attributes.get('reason')];
    if (attributes.get('status') !== 'skipped') return;
    remark(run, `The target ${target ?? '(unnamed)'} was not scanned${why === undefined ? '' : `: ${why}`}.`);
  },
  'nmaprun/host'(run, attributes) {
    run.host = { ...newHost(), endedAt: readTime(attributes.get('endtime'), 1000) ?? null };
  },
  'nmaprun/host/status'({ host }, attributes) {
    const [state, reason = ''] = [attributes.get('state'), attributes.get('reason')];
    if (state === 'up' || state === 'down') host.facts.status = { state, reason };
  },
  'nmaprun/host/address': readAddress,
  'nmaprun/host/hostnames/hostname'({ host }, attributes) {
    const name = attributes.get('name');
    if (name) host.names.add(name);
  },
  'nmaprun/host/ports/extraports'({ host }, attributes) {
    const count = readNumber(attributes.get('count')) ?? 0;
    host.extras.push({ state: attributes.get('state') ?? '', count, reasons: [] });
  },
  'nmaprun/host/ports/extraports/extrareasons'(run, attributes) {
    const written = attributes.get('proto');
    const [protocol, ranges] = [readProtocol(written), readPortList(attributes.get('ports'))];
    const count = readNumber(attributes.get('count')) ?? 0;
    const extra = run.host.extras.at(-1);
    if (!extra) return;
    if (written && !protocol) {
      extra.count -= count;
      omit(run, `${written} ports`, count);
      return;
    }
    const ports = protocol && ranges ? { protocol, ranges } : null;
    extra.reasons.push({ reason: attributes.get('reason') ?? '', count, ports });
  },
  'nmaprun/host/ports/port'(run, attributes) {
    const written = attributes.get('protocol');
    const port = portNumber(readNumber(attributes.get('portid')) ?? -1);
    run.port = { protocol: readProtocol(written), written, port };
  },
  'nmaprun/host/ports/port/state'({ port }, attributes) {
    port.state = attributes.get('state');
    port.reason = attributes.get('reason');
  },
  'nmaprun/host/ports/port/service'(run, attributes) {
    run.port.service = readService(attributes);
    if (attributes.get('banner') !== undefined) readBanner(run, attributes);
  },
  'nmaprun/host/ports/port/script': (run) => omit(run, 'results of scripts'),
  'nmaprun/host/hostscript/script': (run) => omit(run, 'results of scripts'),
  'nmaprun/prescript/script': (run) => omit(run, 'results of scripts'),
  'nmaprun/postscript/script': (run) => omit(run, 'results of scripts'),
  'nmaprun/host/os/osmatch': (run) => omit(run, 'lines of OS detection'),
  'nmaprun/host/trace': (run) => omit(run, 'traceroutes'),
  'nmaprun/host/uptime': (run) => omit(run, 'uptimes'),
  'nmaprun/runstats/finished'(run, attributes) {
    run.finishedAt = readTime(attributes.get('time'), 1000) ?? run.finishedAt;
    if (attributes.get('exit') !== 'error') return;
    const why = attributes.get('errormsg');
    run.incomplete ??= `the scan ended in an error${why ? `: ${why}` : ''}`;
  },
  'nmaprun/runstats/hosts'(run, attributes) {
    run.hostsDown += readNumber(attributes.get('down')) ?? 0;
  },
};

/** masscan's: a service element with what the port said. */
function readBanner(run: RunDraft, attributes: Attributes): void {
  const read = readMasscanBanner(attributes.get('name'), attributes.get('banner'));
  const at = run.host.endedAt;
  if (read.kind === 'other' || at === null) {
    run.port.service = null;
    omit(run, 'other banners of masscan');
    return;
  }
  run.port.service = read.service;
  run.port.seen = { at, banner: read.banner };
}

function readScanInfo(run: RunDraft, attributes: Attributes): void {
  const written = attributes.get('protocol');
  const [protocol, services] = [readProtocol(written), attributes.get('services')];
  const ranges = readPortList(services);
  if (!protocol) {
    if (written) omit(run, `${written} scans`);
    return;
  }
  if (!ranges) {
    // masscan never writes them.
    if (services !== undefined)
      remark(run, `The list of scanned ${protocol} ports cannot be read: ${quoted(services)}.`);
    return;
  }
  const { tcp, udp } = run.scanned ?? { tcp: [], udp: [] };
  run.scanned = protocol === 'tcp' ? portSet([...tcp, ...ranges], udp) : portSet(tcp, [...udp, ...ranges]);
}

function readAddress(run: RunDraft, attributes: Attributes): void {
  const { host } = run;
  const [text = '', vendor] = [attributes.get('addr'), attributes.get('vendor')];
  if (attributes.get('addrtype') === 'mac') {
    host.facts.mac = text;
    if (vendor) host.facts.vendor = vendor;
    return;
  }
  const [, plain = text, zone] = /^([^%]*)%(.*)$/.exec(text) ?? [];
  const address = canonicalAddress(text) ?? canonicalAddress(plain);
  // Only a link-local address has a zone.
  if (address && zone !== undefined && zoneOf(address) === undefined) omit(run, 'zones of addresses');
  if (!address) host.unreadable ??= text;
  host.address ??= address;
}

/** What is done at the end of an element, with the text before it. */
export const AT_END: Readonly<Record<string, (run: RunDraft, text: string) => void>> = {
  'nmaprun/host/ports/port/service/cpe'({ port }, text) {
    const { service } = port;
    if (service && text.trim() !== '') port.service = { ...service, cpe: [...(service.cpe ?? []), text.trim()] };
  },
  'nmaprun/host/ports/port'(run) {
    const { protocol, written, port, state, reason = '', service = null, seen = null } = run.port;
    if (protocol && port !== undefined && state) {
      run.host.ports.push({
        protocol,
        port,
        state,
        reason,
        service: seen?.tls ? withoutTunnel(service) : service,
        seen,
      });
    } else if (written && !protocol) omit(run, `${written} ports`);
    else omit(run, 'ports without a number or a state');
  },
  'nmaprun/host': finishHost,
  nmaprun(run) {
    const all = run.allScanned;
    run.allScanned = all === null || !run.scanned ? null : union(all, run.scanned);
  },
};

/** The facts of the handshake say more than that there was one. */
function withoutTunnel(service: Service | null): Service | null {
  if (!service) return null;
  const { tunnel: _, ...rest } = service;
  return rest;
}

const union = (a: PortSet | undefined, b: PortSet): PortSet =>
  a ? portSet([...a.tcp, ...b.tcp], [...a.udp, ...b.udp]) : b;

function finishHost(run: RunDraft): void {
  const { address, unreadable, names, facts, extras, ...rest } = run.host;
  if (!address) {
    run.lostHosts++;
    const [ports, name] = [rest.ports.length, unreadable === undefined ? 'without an address' : quoted(unreadable)];
    remark(
      run,
      `The host ${name} is left out: its address cannot be read (${ports === 1 ? '1 port' : `${ports} ports`}).`,
    );
    return;
  }
  if (facts.status?.state === 'down') run.hostsDownListed++;
  run.lastHostAt = rest.endedAt ?? run.lastHostAt;
  const counted = extras.filter(({ count }) => count > 0);
  run.ready.push({ ...rest, address, names: [...names], facts, extras: counted, scanned: run.scanned });
}

/** What our own instructions say, by their first word and the path of the element around them. */
export const AT_INSTRUCTION: Steps = {
  'nmaprun/host/ports/port seen'({ port }, attributes) {
    const at = readTime(attributes.get('at'), 1);
    const rtt = readNumber(attributes.get('rtt'));
    const attempt = readNumber(attributes.get('attempt'));
    if (at === undefined || rtt === undefined || attempt === undefined) return;
    port.seen = { at, rtt: millis(rtt), attempt, ...readMore(attributes.get('more')) };
  },
  'nmaprun event'(run, attributes) {
    const event = readEvent({
      event: attributes.get('kind'),
      address: attributes.get('address'),
      from: readTime(attributes.get('from'), 1),
      until: readTime(attributes.get('until'), 1),
      ports: readNumber(attributes.get('ports')),
      answered: readNumber(attributes.get('answered')),
    });
    if (event) run.events.push(event);
  },
  'nmaprun/host/ports gap'({ host }, attributes) {
    const protocol = readProtocol(attributes.get('protocol'));
    const ranges = readPortList(attributes.get('ports'));
    const verdict = verdictNamed(attributes.get('verdict') ?? '');
    if (protocol && ranges && verdict && !isSettled(verdict)) host.gaps.push({ protocol, ranges, verdict });
  },
};
