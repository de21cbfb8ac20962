import type { Family } from '../domain/addresses/address-line.ts';
import type { Detection } from '../domain/detection.ts';
import { type ErrorValue, errorValue, type Place } from '../domain/errors.ts';
import type { PortSet } from '../domain/port-set.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { AddressRange, ScanRequest } from '../domain/scan.ts';
import { choosePorts, type RawPorts } from './choose-ports.ts';
import { parseTarget } from './parse-target.ts';
import { type ParsedTiming, parseTiming, type RawTiming } from './parse-timing.ts';
import { COMMAND_LINE_FIELDS, type FieldNames } from './request-fields.ts';
import type { TargetText } from './target-text.ts';

/** A scan in the user's words, from a command line or a JSON body: nothing in it has been looked at yet. */
export interface RawRequest extends RawPorts, RawTiming {
  /** A word, or a word of which it is known where it stood ("hosts.txt:3"). */
  readonly targets: readonly (string | TargetText)[];
  readonly exclude?: readonly (string | TargetText)[] | undefined;
  /** Scan only the addresses of that family. */
  readonly family?: Family | undefined;
  /** What to ask of open ports; nothing unless it is given. */
  readonly detect?: Detection | undefined;
}

/** A host name of the request and where it stands in it. */
export interface NamedTarget {
  readonly name: string;
  readonly at: Place;
}

/** Addresses that one word of the request names, and where it stands. */
export interface LiteralTarget {
  readonly ranges: readonly AddressRange[];
  readonly at: Place;
}

/** The request read, before any name is resolved. Ranges are as written: in any order, and they may overlap. */
export interface ParsedRequest extends ParsedTiming {
  readonly names: readonly NamedTarget[];
  readonly literals: readonly LiteralTarget[];
  /** The ranges of all literals. */
  readonly ranges: readonly AddressRange[];
  readonly excludedNames: readonly NamedTarget[];
  readonly excluded: readonly AddressRange[];
  readonly family: Family | null;
  readonly ports: PortSet;
  readonly detect: Detection;
  /** The user's own words, for the record. */
  readonly request: ScanRequest;
}

/** Reads everything, and tells every error of every field at once, in the order of the fields of `RawRequest`. */
export function parseRequest(raw: RawRequest, fields: FieldNames = COMMAND_LINE_FIELDS): Result<ParsedRequest> {
  const targets = readTargets(raw.targets, fields.targets);
  const excluded = readTargets(raw.exclude ?? [], fields.exclude);
  const ports = choosePorts(raw, fields);
  const timing = parseTiming(raw, fields);
  const none =
    raw.targets.length === 0 ? [errorValue('TARGET_NONE', 'No target is named.', { hint: NAME_A_TARGET })] : [];
  const errors = [...none, ...targets.errors, ...excluded.errors];
  if (!ports.ok || !timing.ok || errors.length > 0) {
    return err(...errors, ...(ports.ok ? [] : ports.errors), ...(timing.ok ? [] : timing.errors));
  }
  return ok({
    ...timing.value,
    names: targets.names,
    literals: targets.literals,
    ranges: targets.literals.flatMap(({ ranges }) => ranges),
    excludedNames: excluded.names,
    excluded: excluded.literals.flatMap(({ ranges }) => ranges),
    family: raw.family ?? null,
    ports: ports.value.ports,
    detect: raw.detect ?? 'none',
    request: { targets: targets.words, exclude: excluded.words, ports: ports.value.words },
  });
}

const NAME_A_TARGET = 'Name a host, an address, a block or a range.';

interface ReadTargets {
  readonly words: readonly string[];
  readonly names: readonly NamedTarget[];
  readonly literals: readonly LiteralTarget[];
  readonly errors: readonly ErrorValue[];
}

function readTargets(targets: readonly (string | TargetText)[], field: string): ReadTargets {
  const read = {
    words: [] as string[],
    names: [] as NamedTarget[],
    literals: [] as LiteralTarget[],
    errors: [] as ErrorValue[],
  };
  for (const target of targets) {
    const source: TargetText = typeof target === 'string' ? { text: target, field } : target;
    read.words.push(source.text);
    const at: Place = { ...source, start: 0, end: source.text.length };
    const spec = parseTarget(source.text, source.field);
    if (!spec.ok) read.errors.push(...spec.errors);
    else if (spec.value.kind === 'name') read.names.push({ name: spec.value.name, at });
    else read.literals.push({ ranges: spec.value.ranges, at });
  }
  return read;
}
