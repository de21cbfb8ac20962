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
  /** Probes a second to one address, over the whole fleet; null leaves it to the request. */
  readonly ratePerTarget: number | null;
  /** Probes a day of one caller; null is no limit. */
  readonly dailyProbeQuota: number | null;
  /** Hours of workers a day that the scans of one caller may come to; null is no limit. */
  readonly dailyWorkerHours: number | null;
  readonly scansAtOnce: number | null;
  /** Keep the table and the logs when the stack is destroyed. */
  readonly retain: boolean;
  /** US dollars a month at which the alarm topic is told; null is no budget. */
  readonly monthlyBudget: number | null;
  /** Run watches. */
  readonly watches: boolean;
  /** Put an event on the account's bus when a scan is over, and when a watch has something to tell. */
  readonly events: boolean;
  /** Import what watches tell into AWS Security Hub, which must be switched on in the account. */
  readonly securityHub: boolean;
  /** Let scans take what the account has: "aws" as a target, and "own" in the scope. */
  readonly account: boolean;
  /** Subnets and security groups of a VPC that the workers stand in; none leaves them on the Internet. */
  readonly vpcSubnets: readonly string[];
  readonly vpcSecurityGroups: readonly string[];
  /** The subnets have IPv6 too. */
  readonly vpcIpv6: boolean;
  /** The VPC to make the endpoints in that workers need without a way to the Internet; null makes none. */
  readonly vpcId: string | null;
  /** The route tables of the subnets, which the endpoint of DynamoDB is entered in. */
  readonly vpcRouteTables: readonly string[];
}

/**
 * 3,000 a second is -T3: every port of a host in 22 seconds. 10⁸ probes a day are 1,500 hosts with every port, which keep
 * workers busy for 73 hours (docs/scale.md); 80 hours leave room for slower ones, and cost two dollars. A new account runs ten functions at once: six workers leave four to the API and the rest.
 */
export const DEFAULTS: Settings = {
  scope: [],
  allowPrivate: false,
  maxConcurrency: 6,
  retentionDays: 30,
  ratePerTarget: 3_000,
  dailyProbeQuota: 100_000_000,
  dailyWorkerHours: 80,
  scansAtOnce: 10,
  retain: false,
  monthlyBudget: null,
  watches: true,
  events: true,
  securityHub: false,
  account: false,
  vpcSubnets: [],
  vpcSecurityGroups: [],
  vpcIpv6: false,
  vpcId: null,
  vpcRouteTables: [],
};

/** What AWS takes for the concurrency of an event source. */
const CONCURRENCY: Bounds = { least: 2, most: 1_000 };

/** Variables of a function together hold 4 KB; half of it is for the scope. */
const MOST_SCOPE_CHARACTERS = 2_048;

/** The settings in the context of the app: cdk.json, or `-c name=value`. @throws Error like `settingsOf` */
export const readSettings = (node: Node): Settings => settingsOf((name) => node.tryGetContext(name));

/**
 * Reads what was given of each setting; strings too, because `-c` knows nothing else.
 *
 * @throws Error with everything that is wrong with it
 */
export function settingsOf(givenOf: (name: keyof Settings) => unknown): Settings {
  const wrong: string[] = [];
  const read = <Value>(name: keyof Settings, how: (value: unknown) => Value | string, otherwise: Value): Value => {
    const given = givenOf(name);
    if (given === undefined || given === '') return otherwise;
    const value = how(given);
    if (typeof value !== 'string') return value;
    wrong.push(`"${name}" ${value}, not ${JSON.stringify(given)}`);
    return otherwise;
  };
  const settings: Settings = {
    scope: read('scope', scopeOf, DEFAULTS.scope),
    allowPrivate: read('allowPrivate', flagOf, DEFAULTS.allowPrivate),
    maxConcurrency: read('maxConcurrency', wholeNumber(CONCURRENCY), DEFAULTS.maxConcurrency),
    retentionDays: read('retentionDays', wholeNumber({ least: 1, most: 3_650 }), DEFAULTS.retentionDays),
    ratePerTarget: read('ratePerTarget', orNone(wholeNumber({ least: 1, most: 1_000_000 })), DEFAULTS.ratePerTarget),
    dailyProbeQuota: read('dailyProbeQuota', orNone(wholeNumber({ least: 1, most: 1e12 })), DEFAULTS.dailyProbeQuota),
    dailyWorkerHours: read('dailyWorkerHours', orNone(wholeNumber({ least: 1, most: 1e6 })), DEFAULTS.dailyWorkerHours),
    scansAtOnce: read('scansAtOnce', orNone(wholeNumber({ least: 1, most: 1_000 })), DEFAULTS.scansAtOnce),
    retain: read('retain', flagOf, DEFAULTS.retain),
    monthlyBudget: read('monthlyBudget', orNone(wholeNumber({ least: 1, most: 1_000_000 })), DEFAULTS.monthlyBudget),
    watches: read('watches', flagOf, DEFAULTS.watches),
    events: read('events', flagOf, DEFAULTS.events),
    securityHub: read('securityHub', flagOf, DEFAULTS.securityHub),
    account: read('account', flagOf, DEFAULTS.account),
    vpcSubnets: read('vpcSubnets', idsOf('subnet'), DEFAULTS.vpcSubnets),
    vpcSecurityGroups: read('vpcSecurityGroups', idsOf('sg'), DEFAULTS.vpcSecurityGroups),
    vpcIpv6: read('vpcIpv6', flagOf, DEFAULTS.vpcIpv6),
    vpcId: read('vpcId', orNone(idsOf('vpc')), null)?.[0] ?? DEFAULTS.vpcId,
    vpcRouteTables: read('vpcRouteTables', idsOf('rtb'), DEFAULTS.vpcRouteTables),
  };
  wrong.push(...contradictions(settings));
  if (wrong.length > 0) throw new Error(`The deployment cannot be made:\n  ${wrong.join('\n  ')}`);
  return settings;
}

/** What no setting says by itself. */
function contradictions(settings: Settings): string[] {
  const { scope, account, vpcSubnets, vpcSecurityGroups, vpcId, vpcRouteTables, vpcIpv6, allowPrivate } = settings;
  const isInside = vpcSubnets.length > 0;
  return [
    ...(isInside === vpcSecurityGroups.length > 0 ? [] : ['"vpcSubnets" and "vpcSecurityGroups" go together']),
    ...(scope.includes('own') && !account ? ['"own" in the scope needs "account"'] : []),
    ...(allowPrivate && !isInside
      ? ['"allowPrivate" needs "vpcSubnets": nothing private is reached from outside']
      : []),
    ...(vpcIpv6 && !isInside ? ['"vpcIpv6" says something of "vpcSubnets", which are not given'] : []),
    ...((vpcId !== null || vpcRouteTables.length > 0) && !isInside
      ? ['"vpcId" and "vpcRouteTables" are for the endpoints of "vpcSubnets", which are not given']
      : []),
    ...((vpcId === null) === (vpcRouteTables.length === 0) ? [] : ['"vpcId" and "vpcRouteTables" go together']),
  ];
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
  <Value>(how: (value: unknown) => Value | string) =>
  (value: unknown): Value | null | string =>
    value === 'none' || value === null ? null : how(value);

function flagOf(value: unknown): boolean | string {
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : 'is true or false';
}

/** An id as EC2 writes them: "subnet-0123456789abcdef0". */
const isId = (kind: string, id: string): boolean => new RegExp(`^${kind}-[0-9a-f]{8,17}$`).test(id);

/** A list, or one string with commas. */
const idsOf =
  (kind: string) =>
  (value: unknown): readonly string[] | string => {
    const ids = (Array.isArray(value) ? value : String(value).split(',')).map((each) => String(each).trim());
    return ids.every((id) => isId(kind, id)) ? ids : `is a list of ids like "${kind}-0123456789abcdef0"`;
  };

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
