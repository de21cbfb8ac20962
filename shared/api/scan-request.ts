import * as z from 'zod/mini';
import { DETECTIONS } from '../domain/detection.ts';
import { DISCOVERIES } from '../domain/discovery.ts';
import { ErrorList } from '../domain/error-list.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { MAX_RANGES_OF_BODY } from '../domain/limits.ts';
import { PROTOCOLS } from '../domain/probe.ts';
import { err, type Result } from '../domain/result.ts';
import { REVERSE_NAMES } from '../domain/reverse-names.ts';
import { type ParsedRequest, PORT_ORDERS, parseRequest, type RawRequest } from '../request/parse-request.ts';
import { JSON_FIELDS } from '../request/request-fields.ts';
import type { JsonObject } from './read-body.ts';

/** What one field takes: as a schema for programs, and in words that end "Write …." */
export interface Field {
  readonly schema: z.ZodMiniType;
  readonly takes: string;
  /** A parameter that may not be left out. */
  readonly isRequired?: true;
}

const text = z.string();
const number = z.union([z.number(), z.string()]);

/**
 * The properties of a request's body. The schemas look at shapes only; what the texts mean is for `parseRequest`, which
 * the command shares.
 */
export const REQUEST_FIELDS = {
  targets: { schema: z.array(text), takes: 'a list of names, addresses, blocks and ranges: ["10.0.0.0/24"]' },
  exclude: { schema: z.array(text), takes: 'a list of targets to leave out: ["10.0.0.1"]' },
  ports: { schema: text, takes: 'ports, ranges and service names in one string: "22,80,8000-9000", "T:443,U:53"' },
  topPorts: { schema: number, takes: 'how many of the most usual ports: 100' },
  excludePorts: { schema: text, takes: 'ports to leave out, in one string: "25,8000-9000"' },
  protocols: { schema: z.array(z.enum(PROTOCOLS)), takes: 'what a port without "T:" or "U:" is of: ["tcp"]' },
  timing: { schema: number, takes: 'a template: "T4", 4 or "aggressive"' },
  timeout: {
    schema: number,
    takes: 'the longest wait for the answer to one probe, in seconds or with a unit: 0.5, "500ms"',
  },
  retries: { schema: number, takes: 'further probes of a silent port, at the most: 2' },
  rate: { schema: number, takes: 'probes a second to one target address, or "none": 3000' },
  minRate: { schema: number, takes: 'probes a second to one target address that are sent whatever it answers: 100' },
  hostTimeout: { schema: number, takes: 'how long one address may take, in seconds or with a unit: 900, "30m"' },
  minRttTimeout: { schema: number, takes: 'the shortest wait for an answer, in seconds or with a unit: "100ms"' },
  initialRttTimeout: {
    schema: number,
    takes: 'the wait of the first probes, before a round trip is known, in seconds or with a unit: "500ms"',
  },
  maxRttTimeout: { schema: number, takes: 'the longest wait for an answer, in seconds or with a unit: 2' },
  order: {
    schema: z.enum(PORT_ORDERS),
    takes: '"ascending" for the ports of each worker from the lowest to the highest, or "random"',
  },
  sockets: { schema: number, takes: 'sockets of each worker: 200' },
  discovery: {
    schema: z.enum(DISCOVERIES),
    takes:
      'how to look for hosts: "none" probes every port of every address, "before" leaves addresses alone that are silent on a dozen likely ports, "only" probes nothing else',
  },
  skipAllOpen: { schema: z.boolean(), takes: 'true to probe only a sample of a host that accepts on every port' },
  detect: {
    schema: z.enum(DETECTIONS),
    takes: `what to detect on open ports, one of ${DETECTIONS.join(', ')}: "services"`,
  },
  maxCost: { schema: number, takes: 'US dollars at which the scan is stopped, to be resumed or not: 0.5' },
  reverseNames: {
    schema: z.enum(REVERSE_NAMES),
    takes: 'of which addresses to look up names: "none", "live" for those that answer, or "all"',
  },
  dnsServers: { schema: z.array(text), takes: 'a list of name servers to ask instead: ["192.0.2.53"]' },
  proxy: {
    schema: text,
    takes:
      'the proxy to connect through, on one\'s own machine: "socks5://127.0.0.1:1080", "http://user:password@host:3128"',
  },
  family: { schema: z.literal([4, 6]), takes: '4 or 6, for the addresses of that family only' },
} as const satisfies Record<keyof RawRequest, Field>;

type FieldName = keyof typeof REQUEST_FIELDS;

export const scanRequestSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries<Field>(REQUEST_FIELDS).map(([name, { schema, takes }]) => {
        const described = schema.check(z.meta({ description: takes }));
        return [name, name === 'targets' ? described : z.optional(described)];
      }),
    ),
  )
  .check(z.meta({ id: 'ScanRequest', examples: [{ targets: ['127.0.0.1'], ports: '22,80,443' }] }));

/**
 * The request in a body, read. Where a field has the wrong shape, the others are read all the same, so that all errors
 * are told at once, those of shape and those of meaning.
 */
export function readScanRequest(body: JsonObject): Result<ParsedRequest> {
  const errors = new ErrorList();
  const read: Partial<Record<FieldName, unknown>> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!isFieldName(name)) errors.add(errorValue('FIELD_UNKNOWN', `There is no field ${quoted(name)}.`));
    else if (REQUEST_FIELDS[name].schema.safeParse(value).success) read[name] = value;
    else errors.add(unreadableField(name, value, REQUEST_FIELDS[name].takes));
  }
  // The loop above has checked the shape of every field that is in here.
  const parsed = parseRequest({ targets: [], ...read } as RawRequest, JSON_FIELDS, RANGES);
  if (errors.count === 0) return parsed;
  const isNew = ({ code, at }: ErrorValue) => !(code === 'TARGET_NONE' && !at && 'targets' in body);
  if (!parsed.ok) errors.add(...parsed.errors.filter(isNew));
  return err(...errors.all());
}

const RANGES = { most: MAX_RANGES_OF_BODY, left: MAX_RANGES_OF_BODY };

const isFieldName = (name: string): name is FieldName => Object.hasOwn(REQUEST_FIELDS, name);

/** The error of a field whose value has another shape than it takes. */
export function unreadableField(name: string, value: unknown, takes: string): ErrorValue {
  const shown = shownJson(value);
  const at = { field: name, text: shown, start: 0, end: shown.length };
  return errorValue('FIELD_UNREADABLE', `"${name}" cannot be ${shown}.`, { at, hint: `Write ${takes}.` });
}

/** Of a value that is not what it should be, so much is shown. */
const SHOWN = 80;

/** Levels of a value that is shown; JSON of a body may be nested deeper than a stack is. */
const SHOWN_LEVELS = 4;

/** The beginning of a value as JSON. */
function shownJson(value: unknown): string {
  const whole = JSON.stringify(pruned(value, SHOWN_LEVELS));
  return whole.length <= SHOWN ? whole : `${whole.slice(0, SHOWN)}…`;
}

/** The value with only so many levels, members and letters as can be shown. */
function pruned(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return value.slice(0, SHOWN);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, SHOWN).map((item) => pruned(item, levels - 1));
  const members = Object.entries(value).slice(0, SHOWN);
  return Object.fromEntries(members.map(([name, member]) => [name.slice(0, SHOWN), pruned(member, levels - 1)]));
}
