import { type Discovery, type DiscoveryName, discoveryPorts } from '../domain/discovery.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import {
  countPorts,
  EVERY_TCP_PORT,
  formatPorts,
  NO_PORTS,
  type PortRange,
  type PortSet,
  portSet,
  subtractPorts,
} from '../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../domain/probe.ts';
import { topPorts, usualPorts } from '../domain/registry/top-ports.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { HIGHEST_PORT, type PortNumber } from '../domain/units.ts';
import { parsePorts } from './parse-ports.ts';
import { type RawValue, unreadableOption, wholeNumber } from './parse-timing.ts';
import type { FieldNames } from './request-fields.ts';

/** The user's words on ports. */
export interface RawPorts {
  readonly ports?: string | undefined;
  readonly topPorts?: RawValue;
  readonly excludePorts?: string | undefined;
  /** What a port without "T:" or "U:" is of, and which ports are meant when none is named; TCP when left out. */
  readonly protocols?: readonly Protocol[] | undefined;
  readonly discovery?: DiscoveryName | undefined;
}

/** Where no ports could be read. */
export const NO_CHOICE: ChosenPorts = { ports: NO_PORTS, words: '', discovery: null };

export interface ChosenPorts {
  readonly ports: PortSet;
  /** In words that mean the same without the other options: for the record, and for another scan. */
  readonly words: string;
  /** Null where every port of every address is probed. */
  readonly discovery: Discovery | null;
}

/**
 * The ports that are probed: those written, or the best ranked, or for a search for hosts those that tell of them, or
 * else every TCP port (1-65535) and the usual UDP ports; less those excluded. Not every UDP port, because a silent one costs whole timeouts and hosts limit how often
 * they say that a port is closed: Linux once a second, which is 18 hours for 65,535.
 */
export function choosePorts(raw: RawPorts, fields: FieldNames): Result<ChosenPorts> {
  const protocols = raw.protocols ?? ['tcp'];
  const away =
    raw.excludePorts === undefined ? ok(NO_PORTS) : parsePorts(raw.excludePorts, fields.excludePorts, protocols);
  const wanted = wantedPorts(raw, protocols, fields);
  if (!wanted.ok || !away.ok) return err(...errorsOf(wanted), ...errorsOf(away));
  const ports = subtractPorts(wanted.value, away.value);
  if (countPorts(ports) === 0) return err(nothingLeft(raw, wanted.value, fields));
  const asWritten = raw.ports !== undefined && raw.excludePorts === undefined && protocols.join() === 'tcp';
  const discovery = chooseDiscovery(raw, ports, away.value);
  return ok({ ports, words: asWritten ? (raw.ports ?? '') : formatPorts(ports), discovery });
}

/** Where no more ports are wanted than would be probed to find the hosts, probing all of them is the cheaper way. */
function chooseDiscovery({ discovery }: RawPorts, ports: PortSet, away: PortSet): Discovery | null {
  if (discovery === 'only') return { kind: 'only' };
  if (discovery !== 'before') return null;
  const first = discoveryPorts(ports.udp.length > 0 ? PROTOCOLS : ['tcp'], away);
  return countPorts(first) > 0 && countPorts(first) < countPorts(ports) ? { kind: 'before', ports: first } : null;
}

const errorsOf = (result: Result<unknown>): readonly ErrorValue[] => (result.ok ? [] : result.errors);

function wantedPorts(raw: RawPorts, protocols: readonly Protocol[], fields: FieldNames): Result<PortSet> {
  const written = raw.ports === undefined ? undefined : parsePorts(raw.ports, fields.ports, protocols);
  const top = raw.topPorts === undefined ? undefined : readTopPorts(raw.topPorts, protocols, fields);
  if (written && top) {
    const both = `${fields.ports} and ${fields.topPorts} both say which ports are probed.`;
    return err(...errorsOf(written), ...errorsOf(top), errorValue('OPTIONS_CONFLICT', both));
  }
  return written ?? top ?? ok(raw.discovery === 'only' ? discoveryPorts(protocols, NO_PORTS) : defaultPorts(protocols));
}

function readTopPorts(value: string | number, protocols: readonly Protocol[], fields: FieldNames): Result<PortSet> {
  const text = String(value).trim();
  const count = wholeNumber(text, 1, HIGHEST_PORT);
  if (count !== undefined) return ok(setOf(protocols, (protocol) => topPorts(protocol, count)));
  return err(unreadableOption(fields.topPorts, text, `a whole number from 1 to ${HIGHEST_PORT}`));
}

function setOf(protocols: readonly Protocol[], portsOf: (protocol: Protocol) => readonly PortNumber[]): PortSet {
  const ranges = (protocol: Protocol) =>
    protocols.includes(protocol) ? portsOf(protocol).map((port): PortRange => [port, port]) : [];
  return portSet(ranges('tcp'), ranges('udp'));
}

function defaultPorts(protocols: readonly Protocol[]): PortSet {
  const { udp } = setOf(protocols.includes('udp') ? ['udp'] : [], usualPorts);
  return { tcp: protocols.includes('tcp') ? EVERY_TCP_PORT.tcp : [], udp };
}

/** Points at the exclusion when there was something to exclude, else at the ports, where they were written. */
function nothingLeft(raw: RawPorts, wanted: PortSet, fields: FieldNames): ErrorValue {
  const [field, text] =
    countPorts(wanted) > 0 ? [fields.excludePorts, raw.excludePorts ?? ''] : [fields.ports, raw.ports ?? ''];
  const detail = countPorts(wanted) > 0 ? `"${text}" excludes every port.` : `"${text}" names no registered port.`;
  const at = { field, text, start: 0, end: text.length };
  return errorValue('PORTS_NONE', detail, { at });
}
