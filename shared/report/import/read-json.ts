import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import { errorValue } from '../../domain/errors.ts';
import { quoted } from '../../domain/excerpt.ts';
import type { Service } from '../../domain/finding.ts';
import type { PortAt } from '../../domain/port-set.ts';
import { err, ok } from '../../domain/result.ts';
import { type Address, type EpochMillis, epochMillis, millis } from '../../domain/units.ts';
import type { HostEvent } from '../formats/host-events.ts';
import { jsonSplitter } from './json-parts.ts';
import { readMasscanBanner } from './masscan-banner.ts';
import { readEvent } from './read-event.ts';
import { isRecord, readTls } from './read-service.ts';
import { readPort, readProtocol, textOf } from './read-values.ts';
import type { FileHost, FilePort, FileReader, ScanFile, Seen } from './scan-file.ts';

/** One record of a file, as far as it can be read. */
type Reading =
  | { readonly kind: 'host'; readonly host: FileHost }
  | { readonly kind: 'event'; readonly event: HostEvent }
  | { readonly kind: 'skip'; readonly what: string };

type ReadRecord = (record: Readonly<Record<string, unknown>>) => readonly Reading[];

/**
 * masscan's JSON: a list of `{"ip", "timestamp", "ports": [{"port", "proto", "status", "reason"}]}`, a record a port.
 * naabu's JSON lines, and ours: `{"ip", "host", "port", "protocol", "timestamp", …}`, a line an open port.
 * Errors: NMAP_XML_UNREADABLE.
 */
export const readMasscanJson = (file: ScanFile): FileReader => readRecords(file, 'masscan', masscanRecord);
export const readPortLines = (file: ScanFile): FileReader => readRecords(file, 'naabu', lineRecord);

async function* readRecords(file: ScanFile, tool: string, read: ReadRecord): FileReader {
  const splitter = jsonSplitter('objects');
  const omitted = new Map<string, number>();
  const events: HostEvent[] = [];
  const times: { first?: EpochMillis | undefined; last?: EpochMillis | undefined } = {};
  let broken = false;
  for await (const piece of file.open()) {
    for (const { text } of splitter.push(piece)) {
      const record = parseJson(text);
      // masscan's own last line, in some versions: {finished: 1}
      if (/^\{\s*"?finished/.test(text)) continue;
      if (!isRecord(record)) {
        if (broken) continue;
        broken = true;
        omitted.set('records that are no JSON', 1);
        continue;
      }
      for (const reading of read(record)) {
        if (reading.kind === 'event') events.push(reading.event);
        else if (reading.kind === 'skip') omitted.set(reading.what, (omitted.get(reading.what) ?? 0) + 1);
        else {
          times.first ??= reading.host.endedAt ?? undefined;
          times.last = reading.host.endedAt ?? times.last;
          yield reading.host;
        }
      }
    }
  }
  if (times.first === undefined && omitted.size === 0 && events.length === 0) {
    return err(errorValue('NMAP_XML_UNREADABLE', `${file.name}: there is no record of ${tool} in it`));
  }
  const isWhole = splitter.isWhole() && !broken;
  return ok({
    tool,
    args: '',
    startedAt: times.first,
    finishedAt: times.last,
    scanned: null,
    incomplete: isWhole ? undefined : 'the file ends before its end, or is damaged; ports may be missing',
    events,
    lostHosts: [...omitted.keys()].filter((what) => what.includes('cannot be read')).length,
    omitted,
    remarks: [],
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const skip = (what: string): Reading[] => [{ kind: 'skip', what }];

function masscanRecord({ ip, timestamp, ports }: Readonly<Record<string, unknown>>): readonly Reading[] {
  const address = canonicalAddress(textOf(ip));
  if (!address) return skip(`records of a host whose address cannot be read (${quoted(textOf(ip))})`);
  const at = timeOf(timestamp);
  return (Array.isArray(ports) ? ports : []).flatMap((each: unknown): readonly Reading[] => {
    if (!isRecord(each)) return skip('ports that cannot be read');
    const protocol = readProtocol(textOf(each['proto']));
    const port = readPort(each['port']);
    if (!protocol) return skip(`ports of the protocol ${quoted(textOf(each['proto']))}`);
    if (port === undefined) return skip('ports that cannot be read');
    if (each['status'] === undefined) return bannerRecord(address, { protocol, port }, each['service'], at);
    const [state, reason] = [textOf(each['status']), textOf(each['reason'] ?? '')];
    return [hostOf(address, [], { protocol, port, state, reason, service: null, seen: at ? { at } : null }, at)];
  });
}

function bannerRecord(
  address: Address,
  port: PortAt,
  service: unknown,
  at: EpochMillis | undefined,
): readonly Reading[] {
  const { name, banner } = isRecord(service) ? service : {};
  const read = readMasscanBanner(
    typeof name === 'string' ? name : undefined,
    typeof banner === 'string' ? banner : undefined,
  );
  if (read.kind === 'other' || at === undefined) return skip('other banners of masscan');
  const seen = { at, banner: read.banner };
  return [hostOf(address, [], { ...port, state: 'open', reason: '', service: read.service, seen }, at)];
}

/** naabu's `port` was an object in versions before 2.1. */
function lineRecord(record: Readonly<Record<string, unknown>>): readonly Reading[] {
  const { ip, host, timestamp, port: written, protocol: named } = record;
  const text = textOf(ip ?? host);
  if (record['event'] === 'security-groups') return skip('claims of security groups');
  if (record['event'] === 'cost') return skip('what the scan has cost');
  if (typeof record['event'] === 'string') {
    const event = readEvent({
      ...record,
      address: ip,
      from: timeOf(record['timestamp']),
      until: timeOf(record['until']),
    });
    return event ? [{ kind: 'event', event }] : skip('lines that cannot be read');
  }
  const address = canonicalAddress(text);
  if (!address) return skip(`ports of a host whose address cannot be read (${quoted(text)})`);
  const old = isRecord(written) ? written : undefined;
  const port = readPort(old ? old['Port'] : written);
  const protocol = old ? (old['Protocol'] === 1 ? 'udp' : 'tcp') : readProtocol(textOf(named ?? 'tcp'));
  if (port === undefined || !protocol) return skip('ports that cannot be read');
  const at = timeOf(timestamp);
  const names = typeof host === 'string' && host !== address ? [host] : [];
  const listed = record['names'];
  if (Array.isArray(listed))
    for (const name of listed) if (typeof name === 'string' && !names.includes(name)) names.push(name);
  const state = typeof record['state'] === 'string' ? record['state'] : 'open';
  const reason = typeof record['reason'] === 'string' ? record['reason'] : 'syn-ack';
  const seen = at === undefined ? null : seenOf(record, at);
  return [hostOf(address, names, { protocol, port, state, reason, service: serviceOf(record, seen), seen }, at)];
}

function hostOf(address: Address, names: readonly string[], port: FilePort, at: EpochMillis | undefined): Reading {
  const host = { address, names, facts: {}, endedAt: at ?? null, ports: [port], extras: [], gaps: [], scanned: null };
  return { kind: 'host', host };
}

/** ISO 8601, or seconds since 1970 as masscan has them, in a text or a number. */
function timeOf(value: unknown): EpochMillis | undefined {
  const text = textOf(value);
  const time = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(time) ? epochMillis(time) : undefined;
}

function seenOf(record: Readonly<Record<string, unknown>>, at: EpochMillis): Seen {
  const { rtt_ms: rtt, attempt, banner, tls_facts: tls } = record;
  const facts = readTls(tls);
  return {
    at,
    ...(typeof rtt === 'number' && rtt >= 0 && { rtt: millis(rtt) }),
    ...(typeof attempt === 'number' && Number.isInteger(attempt) && { attempt }),
    ...(typeof banner === 'string' && /^[\0-\xff]*$/.test(banner) && { banner }),
    ...(facts && { tls: facts }),
  };
}

function serviceOf(record: Readonly<Record<string, unknown>>, seen: Seen | null): Service | null {
  const { name, method, confidence, tls } = record;
  const tunnel = tls === true && !seen?.tls ? { tunnel: 'ssl' as const } : {};
  if (typeof name !== 'string' || name === '')
    return tls === true ? { name: 'unavailable', method: 'table', ...tunnel } : null;
  const texts = { product: 'product', version: 'version', info: 'extra_info' };
  const known = Object.entries(texts).flatMap(([member, field]) => {
    const text = record[field];
    return typeof text === 'string' ? [[member, text]] : [];
  });
  return {
    name,
    method: method === 'probed' ? 'probed' : 'table',
    ...Object.fromEntries(known),
    ...tunnel,
    ...(typeof confidence === 'number' && { confidence }),
  };
}
