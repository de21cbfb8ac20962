import * as z from 'zod/mini';
import { ErrorList } from '../domain/error-list.ts';
import { errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { err, type Result } from '../domain/result.ts';
import type { WatchSpec } from '../domain/watch.ts';
import { type RawWatch, type ReadWatchDeps, readWatch } from '../watch/read-watch.ts';
import type { JsonObject } from './read-body.ts';
import { type Field, REQUEST_FIELDS, unreadableField } from './scan-request.ts';

/** A run looks at every port, over the sockets that there are, and goes by the names that the watch has. */
const {
  sockets: _sockets,
  discovery: _discovery,
  skipAllOpen: _skipAllOpen,
  maxCost: _maxCost,
  hostTimeout: _hostTimeout,
  order: _order,
  reverseNames: _reverseNames,
  dnsServers: _dnsServers,
  proxy: _proxy,
  ...REQUEST
} = REQUEST_FIELDS;
const text = z.string();

/** The members of a watch, in a body and in a file of watches. The schemas look at shapes; `readWatch` at what is meant. */
const FIELDS = {
  ...REQUEST,
  name: { schema: text, takes: 'a name of letters, digits, dots and dashes: "edge"' },
  every: { schema: text, takes: 'a time between two runs: "6h", "30m", "1d"' },
  cron: { schema: text, takes: 'a pattern of five parts instead of "every": "0 3 * * 1-5"' },
  zone: { schema: text, takes: 'the time zone of "cron" and "quietHours": "Europe/Berlin"' },
  expect: {
    schema: z.union([text, z.looseObject({ ports: z.optional(z.unknown()), targets: z.optional(z.unknown()) })]),
    takes: 'the ports that should be open: "22,443", or an object with "ports" and "targets" as in docs/ci.md',
  },
  expectExact: { schema: z.boolean(), takes: 'true for alerts on expected ports that are not open, too' },
  quietHours: { schema: text, takes: 'hours of the day in which no alert is sent: "22:00-07:00"' },
  notify: { schema: z.array(text), takes: 'a list of whom to tell: ["https://example.org/hook"]' },
} as const satisfies Readonly<Record<string, Field>>;

export const watchRequestSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries<Field>(FIELDS).map(([name, { schema, takes }]) => [
        name,
        z.optional(schema.check(z.meta({ description: takes }))),
      ]),
    ),
  )
  .check(
    z.meta({ id: 'WatchRequest', examples: [{ name: 'edge', targets: ['127.0.0.1'], ports: '22,80', every: '6h' }] }),
  );

type FieldName = keyof typeof FIELDS;
const isFieldName = (name: string): name is FieldName => Object.hasOwn(FIELDS, name);

/** "expect", its "targets", the ports of one of them as a list, and each of those. */
const DEEPEST_VALUE = 4;

/** Nothing in the value lies deeper than that; JSON of a body may be nested deeper than a stack is. */
const isShallow = (value: unknown, levels: number): boolean =>
  levels > 0 &&
  (typeof value !== 'object' || value === null || Object.values(value).every((each) => isShallow(each, levels - 1)));

/** A watch as it is written in JSON or YAML; all errors of its shape at once. */
export function readWatchFields(body: JsonObject): Result<RawWatch> {
  const { raw, errors } = readShape(body);
  return errors.resultOf(() => raw);
}

/** What a watch as it is written in JSON or YAML means; all errors at once, of its shape and of what is meant. */
export async function readWatchBody(body: JsonObject, deps: ReadWatchDeps): Promise<Result<WatchSpec>> {
  const { raw, errors } = readShape(body);
  const spec = await readWatch(raw, deps);
  if (!spec.ok) errors.add(...spec.errors);
  return spec.ok && errors.count === 0 ? spec : err(...errors.all());
}

/** What takes the place of a field of the wrong shape which a watch needs: it was given, and is not missing as well. */
const STAND_INS: Readonly<Partial<Record<FieldName, unknown>>> = {
  name: 'watch',
  targets: ['127.0.0.1'],
  every: '6h',
  cron: '0 3 * * *',
  expect: '1',
};

function readShape(body: JsonObject): { readonly raw: RawWatch; readonly errors: ErrorList } {
  const errors = new ErrorList();
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!isFieldName(name)) errors.add(errorValue('FIELD_UNKNOWN', `There is no field ${quoted(name)}.`));
    else if (!FIELDS[name].schema.safeParse(value).success || !isShallow(value, DEEPEST_VALUE)) {
      errors.add(unreadableField(name, value, FIELDS[name].takes));
      if (Object.hasOwn(STAND_INS, name)) read[name] = STAND_INS[name];
    }
    // Whoever writes an object means a document, which is read as a file for --expect is.
    else if (name === 'expect' && typeof value === 'object') read['expectDocument'] = JSON.stringify(value);
    else read[name] = value;
  }
  // The loop above has checked the shape of every field that is in here.
  return { raw: { targets: [], ...read } as RawWatch, errors };
}

/** The watch as a body, or a file, has it: what `readWatchFields` reads as the same watch. */
export function watchBody({ expectDocument, ...watch }: RawWatch): JsonObject {
  return { ...watch, ...(expectDocument !== undefined && { expect: JSON.parse(expectDocument) as unknown }) };
}
