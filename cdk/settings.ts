import { isIP } from 'node:net';
import type { Node } from 'constructs';

/** What the owner of a deployment decides, in cdk.json or with `-c name=value`. */
export interface Settings {
  /** Networks and host names that may be scanned; none refuses every scan. */
  readonly scope: readonly string[];
  readonly allowPrivate: boolean;
  /** Workers at once. */
  readonly maxConcurrency: number;
  readonly retentionDays: number;
  /** Asks a second to one address, over the whole fleet; null leaves it to the request. */
  readonly ratePerTarget: number | null;
  /** Probes a day of one caller; null is no limit. */
  readonly dailyProbeQuota: number | null;
  readonly scansAtOnce: number | null;
  /** Keep the table and the logs when the stack is destroyed. */
  readonly retain: boolean;
}

/** 3,000 a second is -T3: every port of a host in 22 seconds. 10⁸ probes a day are 1,500 hosts with every port. */
export const DEFAULTS: Settings = {
  scope: [],
  allowPrivate: false,
  maxConcurrency: 64,
  retentionDays: 30,
  ratePerTarget: 3_000,
  dailyProbeQuota: 100_000_000,
  scansAtOnce: 10,
  retain: false,
};

/** What AWS takes for the concurrency of an event source. */
const CONCURRENCY: Bounds = { least: 2, most: 1_000 };

/** Variables of a function together hold 4 KB; half of it is for the scope. */
const MOST_SCOPE_CHARACTERS = 2_048;

/**
 * Reads the context of the app; strings too, because `-c` knows nothing else.
 *
 * @throws Error with everything that is wrong with it
 */
export function readSettings(node: Node): Settings {
  const wrong: string[] = [];
  const read = <Value>(name: keyof Settings, how: (value: unknown) => Value | string, otherwise: Value): Value => {
    const given: unknown = node.tryGetContext(name);
    if (given === undefined || given === '') return otherwise;
    const value = how(given);
    if (typeof value !== 'string') return value;
    wrong.push(`context "${name}" ${value}, not ${JSON.stringify(given)}`);
    return otherwise;
  };
  const settings: Settings = {
    scope: read('scope', scopeOf, DEFAULTS.scope),
    allowPrivate: read('allowPrivate', flagOf, DEFAULTS.allowPrivate),
    maxConcurrency: read('maxConcurrency', wholeNumber(CONCURRENCY), DEFAULTS.maxConcurrency),
    retentionDays: read('retentionDays', wholeNumber({ least: 1, most: 3_650 }), DEFAULTS.retentionDays),
    ratePerTarget: read('ratePerTarget', orNone(wholeNumber({ least: 1, most: 1_000_000 })), DEFAULTS.ratePerTarget),
    dailyProbeQuota: read('dailyProbeQuota', orNone(wholeNumber({ least: 1, most: 1e12 })), DEFAULTS.dailyProbeQuota),
    scansAtOnce: read('scansAtOnce', orNone(wholeNumber({ least: 1, most: 1_000 })), DEFAULTS.scansAtOnce),
    retain: read('retain', flagOf, DEFAULTS.retain),
  };
  if (wrong.length > 0) throw new Error(`The deployment cannot be made:\n  ${wrong.join('\n  ')}`);
  return settings;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

const wholeNumber =
  ({ least, most }: Bounds) =>
  (value: unknown): number | string => {
    const number = typeof value === 'string' ? Number(value) : value;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most;
    return fits ? number : `is a whole number from ${least} to ${most}`;
  };

/** "none" switches a limit off. */
const orNone =
  (how: (value: unknown) => number | string) =>
  (value: unknown): number | null | string =>
    value === 'none' || value === null ? null : how(value);

function flagOf(value: unknown): boolean | string {
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : 'is true or false';
}

/** A list, or one string with commas. The functions read each entry again, and refuse to start with one they cannot read. */
function scopeOf(value: unknown): readonly string[] | string {
  const entries = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(entries)) return 'is a list of networks and host names';
  const scope = entries.map((entry) => String(entry).trim()).filter((entry) => entry !== '');
  const odd = scope.find((entry) => !isNetwork(entry) && !isName(entry));
  if (odd !== undefined) return `has "${odd}", which is neither a network ("192.0.2.0/24") nor a host name`;
  const characters = scope.join(',').length;
  if (characters <= MOST_SCOPE_CHARACTERS) return scope;
  return `has ${characters} characters, of which a function can hold ${MOST_SCOPE_CHARACTERS}`;
}

function isNetwork(entry: string): boolean {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  return family !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

/** A host name, or every name below one ("*.example.com"). The last label of a name begins with a letter. */
const isName = (entry: string): boolean =>
  entry.length <= 253 &&
  /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(entry);
