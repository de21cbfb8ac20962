import type { Family, Span } from '../domain/addresses/address-line.ts';
import type { Detection } from '../domain/detection.ts';
import type { Discovery } from '../domain/discovery.ts';
import { ErrorList } from '../domain/error-list.ts';
import { type ErrorValue, errorValue, type Place } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { mergeIntervals } from '../domain/intervals.ts';
import type { PortSet } from '../domain/port-set.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { ReverseNamesChoice } from '../domain/reverse-names.ts';
import type { ScanRequest } from '../domain/scan.ts';
import type { InventoryFilter } from '../seams/account-inventory.ts';
import { choosePorts, NO_CHOICE, type RawPorts } from './choose-ports.ts';
import { ANY_RANGES, type RangeBudget } from './octet-ranges.ts';
import { parseNameServers } from './parse-name-servers.ts';
import { type ParsedProxy, parseProxy } from './parse-proxy.ts';
import { parseTarget } from './parse-target.ts';
import { NO_TIMING, type ParsedTiming, parseTiming, type RawTiming } from './parse-timing.ts';
import { COMMAND_LINE_FIELDS, type FieldNames } from './request-fields.ts';
import { placeOf, type TargetText } from './target-text.ts';

/*
 * The way of a request:
 *
 *   RawRequest ── parseRequest ──▶ ParsedRequest ── names resolved, checkTargets ──▶ Plan (usecases/submit-scan)
 *   words           every error at once                 policy, scope
 */

/** A scan in the user's words, from a command line or a JSON body: nothing in it has been looked at yet. */
export interface RawRequest extends RawPorts, RawTiming {
  /** A word, or a word of which it is known where it stood ("hosts.txt:3"). */
  readonly targets: readonly (string | TargetText)[];
  readonly exclude?: readonly (string | TargetText)[] | undefined;
  /** Scan only the addresses of that family. */
  readonly family?: Family | undefined;
  /** What to find out about open ports; nothing unless it is given. */
  readonly detect?: Detection | undefined;
  /** US dollars at which a fleet stops the scan. */
  readonly maxCost?: string | number | undefined;
  /** Whether to give up on a host that accepts on every port after a sample of them. */
  readonly skipAllOpen?: boolean | undefined;
  /** The ports of each worker's share in order, or shuffled; shuffled where it is left out. */
  readonly order?: PortOrder | undefined;
  /** Of which addresses to look up names; none where it is left out. */
  readonly reverseNames?: ReverseNamesChoice | undefined;
  /** Name servers to ask in place of those of the machine, for targets and for addresses. */
  readonly dnsServers?: readonly string[] | undefined;
  /** The proxy to connect through: "socks5://127.0.0.1:1080". */
  readonly proxy?: string | undefined;
}

export const PORT_ORDERS = ['random', 'ascending'] as const;
export type PortOrder = (typeof PORT_ORDERS)[number];

/** A host name of the request and where it stands in it. */
export interface NamedTarget {
  readonly name: string;
  readonly at: Place;
}

/** Addresses of the account, and where the request asks for them. */
export interface InventoryTarget {
  readonly filter: InventoryFilter;
  readonly at: Place;
}

/** The request read, before any name is resolved. */
export interface ParsedRequest extends ParsedTiming {
  /** As it was written: for sending it on, and for errors that come later. */
  readonly raw: RawRequest;
  readonly fields: FieldNames;
  readonly names: readonly NamedTarget[];
  /** Every address that the targets name by number, merged. */
  readonly addresses: readonly Span[];
  readonly inventory: readonly InventoryTarget[];
  readonly excludedNames: readonly NamedTarget[];
  readonly excluded: readonly Span[];
  readonly family: Family | null;
  readonly ports: PortSet;
  readonly discovery: Discovery | null;
  readonly detect: Detection;
  readonly skipAllOpen: boolean;
  readonly maxCost: number | null;
  readonly order: PortOrder;
  readonly reverseNames: ReverseNamesChoice;
  readonly nameServers: readonly string[];
  readonly proxy: ParsedProxy | null;
  /** The user's own words, for the record. */
  readonly request: ScanRequest;
}

/** Reads everything, and tells every error of every field at once, in the order of the fields of `RawRequest`. */
export function parseRequest(
  raw: RawRequest,
  fields: FieldNames = COMMAND_LINE_FIELDS,
  budget: RangeBudget = ANY_RANGES,
): Result<ParsedRequest> {
  const errors = new ErrorList();
  if (raw.targets.length === 0) errors.add(errorValue('TARGET_NONE', 'No target is named.', { hint: NAME_A_TARGET }));
  const targets = readTargets(raw.targets, fields.targets, budget, errors);
  const excluded = readTargets(raw.exclude ?? [], fields.exclude, budget, errors);
  const { ports, words, discovery } = errors.valueOf(choosePorts(raw, fields)) ?? NO_CHOICE;
  const maxCost = errors.valueOf(parseMaxCost(raw.maxCost, fields.maxCost)) ?? null;
  const timing = errors.valueOf(parseTiming(raw, fields)) ?? NO_TIMING;
  const nameServers = errors.valueOf(parseNameServers(raw.dnsServers ?? [], fields.dnsServers)) ?? [];
  const proxy = errors.valueOf(parseProxy(raw.proxy, fields.proxy)) ?? null;
  if (proxy) errors.add(...notThroughProxy(ports, discovery, fields));
  return errors.resultOf(() => ({
    ...timing,
    raw,
    fields,
    names: targets.names,
    addresses: mergeIntervals(targets.spans),
    inventory: targets.inventory,
    excludedNames: excluded.names,
    excluded: mergeIntervals(excluded.spans),
    family: raw.family ?? null,
    ports,
    discovery,
    detect: raw.detect ?? 'none',
    skipAllOpen: raw.skipAllOpen ?? false,
    maxCost,
    order: raw.order ?? 'random',
    reverseNames: raw.reverseNames ?? 'none',
    nameServers,
    proxy,
    request: { targets: targets.words, exclude: excluded.words, ports: words },
  }));
}

/** A proxy carries connections, and what it says of a host is not what the host says. */
function notThroughProxy(ports: PortSet, discovery: Discovery | null, { proxy }: FieldNames): ErrorValue[] {
  const refuse = (what: string, hint: string): ErrorValue =>
    errorValue('OPTIONS_CONFLICT', `${proxy} carries TCP connections alone: ${what}.`, { hint });
  return [
    ...(ports.udp.length > 0 ? [refuse('UDP ports cannot be probed through it', 'Leave the UDP ports out.')] : []),
    ...(discovery ? [refuse('hosts cannot be looked for through it', 'Name the ports that are to be probed.')] : []),
  ];
}

/** An amount of dollars above nothing: 0.5, "$0.50". */
function parseMaxCost(given: string | number | undefined, field: string): Result<number | null> {
  if (given === undefined) return ok(null);
  const text = String(given).trim();
  const amount = /^\$?\d*\.?\d+$/.test(text) ? Number(text.replace('$', '')) : Number.NaN;
  if (amount > 0 && Number.isFinite(amount)) return ok(amount);
  const at = { field, text, start: 0, end: text.length };
  const detail = `${quoted(text)} is no amount of US dollars.`;
  return err(errorValue('OPTION_UNREADABLE', detail, { at, hint: 'Write an amount above 0: 0.50.' }));
}

const NAME_A_TARGET = 'Name a host, an address, a block or a range.';

interface ReadTargets {
  readonly words: readonly string[];
  readonly names: readonly NamedTarget[];
  readonly inventory: readonly InventoryTarget[];
  readonly spans: readonly Span[];
}

/** A target with the field that it came from. */
export const textOf = (target: string | TargetText, field: string): TargetText =>
  typeof target === 'string' ? { text: target, field } : target;

function readTargets(
  targets: RawRequest['targets'],
  field: string,
  { most, left: atFirst }: RangeBudget,
  errors: ErrorList,
): ReadTargets {
  const read = {
    words: [] as string[],
    names: [] as NamedTarget[],
    inventory: [] as InventoryTarget[],
    spans: [] as Span[],
  };
  let left = atFirst;
  for (const target of targets) {
    const source = textOf(target, field);
    read.words.push(source.text);
    const spec = errors.valueOf(parseTarget(source.text, source.field, { most, left }, errors.count));
    if (spec?.kind === 'name') read.names.push({ name: spec.name, at: placeOf(source) });
    if (spec?.kind === 'inventory') read.inventory.push({ filter: spec.filter, at: placeOf(source) });
    if (spec?.kind !== 'range') continue;
    if (spec.spans.length > 1) left -= spec.spans.length;
    for (const span of spec.spans) read.spans.push(span);
  }
  return read;
}
