import { type Finding, speaksTls, wasIdentified } from '../../domain/finding.ts';
import { isAnswer, presenceOf } from '../../domain/host-presence.ts';
import { countPorts, type PortRange, type PortSet } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import type { HostReport } from '../../domain/report.ts';
import type { Scan } from '../../domain/scan.ts';
import type { Address, PortNumber } from '../../domain/units.ts';
import { isSettled, type PortState, type Settled, stateAndReason, type Verdict } from '../../domain/verdict.ts';
import { type KnownPorts, type PlannedHost, type PortPair, portPairs } from './port-pairs.ts';

/** In what two services that were both identified differ. */
export type ServiceDifference = 'name' | 'product' | 'version' | 'tls' | 'certificate' | 'host-key';

/** One port that is open in at least one of the two scans, and not the same in the other. */
export type PortChange =
  | { readonly kind: 'newly-open'; readonly before: Settled; readonly after: Finding }
  | { readonly kind: 'no-longer-open'; readonly before: Finding; readonly after: Settled }
  /** Open in both, and something else listens. */
  | {
      readonly kind: 'other-service';
      readonly what: readonly ServiceDifference[];
      readonly before: Finding;
      readonly after: Finding;
    }
  /** Open, and the earlier scan does not say what it was. */
  | { readonly kind: 'open-not-known-before'; readonly after: Finding }
  /** It was open, and the later file, which lists what it saw, does not have it. */
  | { readonly kind: 'open-not-known-after'; readonly before: Finding };

/** Ports that went from one state to another, open in neither scan. */
export interface StateChange {
  readonly protocol: Protocol;
  readonly before: PortState;
  readonly after: PortState;
  readonly count: number;
  readonly ranges: readonly PortRange[];
}

/**
 *   came, went          the host began or ceased to answer
 *   appeared, vanished  only one scan has the host, and it was up
 *   unknown             only one scan has the host, and nothing follows from that
 */
export type PresenceChange = 'came' | 'went' | 'same' | 'appeared' | 'vanished' | 'unknown';

/**
 * One host of two scans. Ports that both settled are compared. An open port that the earlier scan does not know is a
 * change as well; all other ports are named with the scan that settled them: the earlier alone, the later alone, or
 * neither of the two.
 */
export interface HostDiff {
  readonly kind: 'both' | 'only-before' | 'only-after';
  readonly address: Address;
  readonly names: readonly string[];
  /** The names that DNS had for it at either time; absent where there are none. */
  readonly reverseNames?: readonly string[];
  readonly presence: PresenceChange;
  /** In the order of the ports. */
  readonly changes: readonly PortChange[];
  readonly states: readonly StateChange[];
  readonly compared: number;
  /** Both scans know whether the host is up. */
  readonly presenceCompared: boolean;
  readonly notCompared: Readonly<Record<'before' | 'after' | 'neither', PortSet>>;
  /** Of `notCompared.before`, the ports that were open. */
  readonly openBefore: PortSet;
}

/** A host in its scan; `host` is undefined where the scan does not have it. */
export interface DiffHostSide {
  readonly host: HostReport | undefined;
  readonly scan: Scan;
}

/** Compares one host of two scans; at least one of them has it. */
export function diffHost(before: DiffHostSide, after: DiffHostSide): HostDiff | undefined {
  const [was, is] = [before.host, after.host];
  const host = is ?? was;
  if (!host) return undefined;
  const draft = newDraft();
  const reverseNames = atEitherTime(is?.reverseNames, was?.reverseNames);
  for (const pair of portPairs(plannedHost(before), plannedHost(after))) comparePorts(draft, pair, { before, after });
  return {
    kind: !was ? 'only-after' : !is ? 'only-before' : 'both',
    address: host.address,
    names: atEitherTime(is?.names, was?.names),
    ...(reverseNames.length > 0 && { reverseNames }),
    ...presenceChange(draft, before, after),
    changes: draft.changes,
    states: [...draft.states.values()],
    compared: draft.compared,
    notCompared: draft.notCompared,
    openBefore: draft.openBefore,
  };
}

const atEitherTime = (now: readonly string[] = [], then: readonly string[] = []): string[] => [
  ...new Set([...now, ...then]),
];

/** Something changed. */
export const isDifferent = ({ presence, changes, states }: HostDiff): boolean =>
  changes.length > 0 || states.length > 0 || (presence !== 'same' && presence !== 'unknown');

/** Nothing changed, and nothing was left out. */
export const isWholeAndSame = (host: HostDiff): boolean =>
  host.kind === 'both' &&
  !isDifferent(host) &&
  Object.values(host.notCompared).every((ports) => countPorts(ports) === 0);

const plannedHost = ({ host, scan }: DiffHostSide): PlannedHost | undefined =>
  host && { host, planned: scan.plan.ports };

type Ranges = Record<Protocol, [first: PortNumber, last: PortNumber][]>;

interface Draft {
  readonly changes: PortChange[];
  readonly states: Map<string, StateDraft>;
  readonly notCompared: Record<'before' | 'after' | 'neither', Ranges>;
  readonly openBefore: Ranges;
  readonly answered: { before: boolean; after: boolean };
  compared: number;
}

interface StateDraft extends StateChange {
  count: number;
  readonly ranges: [first: PortNumber, last: PortNumber][];
}

const noRanges = (): Ranges => ({ tcp: [], udp: [] });

const newDraft = (): Draft => ({
  changes: [],
  states: new Map(),
  notCompared: { before: noRanges(), after: noRanges(), neither: noRanges() },
  openBefore: noRanges(),
  answered: { before: false, after: false },
  compared: 0,
});

type Sides = Readonly<Record<'before' | 'after', DiffHostSide>>;

function comparePorts(draft: Draft, pair: PortPair, sides: Sides): void {
  const { before, after, first, last } = pair;
  if (!before || !after || !isSettled(before.verdict) || !isSettled(after.verdict)) {
    noteUnknown(draft, pair, sides.after);
    return;
  }
  draft.compared += last - first + 1;
  draft.answered.before ||= isAnswer(before.verdict);
  draft.answered.after ||= isAnswer(after.verdict);
  const [was, is] = [before.finding, after.finding];
  if (was && is) {
    const areIdentified = isIdentified(was, sides.before.scan) && isIdentified(is, sides.after.scan);
    const what = areIdentified ? serviceDifferences(was, is) : [];
    if (what.length > 0) draft.changes.push({ kind: 'other-service', what, before: was, after: is });
  } else if (is) draft.changes.push({ kind: 'newly-open', before: before.verdict, after: is });
  else if (was) draft.changes.push({ kind: 'no-longer-open', before: was, after: after.verdict });
  else noteState(draft, pair, before.verdict, after.verdict);
}

/** At least one of the two scans does not know the state of these ports. */
function noteUnknown(draft: Draft, { protocol, first, last, before, after }: PortPair, later: DiffHostSide): void {
  if (after?.finding) {
    draft.changes.push({ kind: 'open-not-known-before', after: after.finding });
  } else if (before?.finding && listsWhatIsOpen(after, later)) {
    draft.changes.push({ kind: 'open-not-known-after', before: before.finding });
  } else {
    const known = isKnown(before) ? 'before' : isKnown(after) ? 'after' : 'neither';
    append(draft.notCompared[known][protocol], first, last);
    if (before?.finding) append(draft.openBefore[protocol], first, last);
  }
}

const isKnown = (ports: KnownPorts | undefined): boolean => ports !== undefined && isSettled(ports.verdict);

/**
 * Would the later scan have had the port, were it still open? Files of `nmap --open` and masscan list open ports only,
 * and nmap leaves out hosts that are down. Of our own scans, what was not probed is not known.
 */
function listsWhatIsOpen(after: KnownPorts | undefined, { host, scan: { imported } }: DiffHostSide): boolean {
  if (after) return AS_GOOD_AS_CLOSED.includes(after.verdict);
  return imported !== undefined && (host === undefined || imported.ports === 'mentioned');
}

const AS_GOOD_AS_CLOSED: readonly Verdict[] = ['unprobed/not-recorded', 'unprobed/host-silent'];

/** `info` is not compared: titles of pages change by the hour. */
function serviceDifferences(before: Finding, after: Finding): ServiceDifference[] {
  const [was, is] = [before.service, after.service];
  const isProbed = was.method === 'probed' || is.method === 'probed';
  const [old, young] = [before.tls?.certificate?.fingerprint, after.tls?.certificate?.fingerprint];
  const differs: Readonly<Record<ServiceDifference, boolean>> = {
    name: isProbed && was.name !== is.name,
    product: was.product !== is.product,
    version: was.version !== is.version,
    tls: speaksTls(before) !== speaksTls(after),
    certificate: old !== undefined && young !== undefined && old !== young,
    // A kind of key that only one of the two showed may not have been asked for.
    'host-key': hostKeysOf(was).some(([type, key]) =>
      hostKeysOf(is).some(([same, now]) => same === type && now !== key),
    ),
  };
  return DIFFERENCES.filter((each) => differs[each]);
}

const hostKeysOf = ({ ssh }: Finding['service']): (readonly [type: string, fingerprint: string])[] =>
  ssh?.hostKeys?.map(({ type, fingerprint }) => [type, fingerprint] as const) ?? [];

const DIFFERENCES = [
  'name',
  'product',
  'version',
  'tls',
  'certificate',
  'host-key',
] as const satisfies ServiceDifference[];

/**
 * Names from a table say nothing of what listens, and nmap's table has other names than ours, so both scans must have
 * probed the service. That nmap probed and did not recognise it, only the options of its run show.
 */
const isIdentified = (finding: Finding, { plan, imported }: Scan): boolean =>
  wasIdentified(finding) || finding.service.method === 'probed' || (imported !== undefined && plan.detect !== 'none');

function noteState(draft: Draft, { protocol, first, last }: PortPair, was: Settled, is: Settled): void {
  const [before, after] = [stateAndReason(was).state, stateAndReason(is).state];
  if (mayBeSame(before, after)) return;
  const key = `${protocol} ${before} ${after}`;
  const change = draft.states.get(key) ?? { protocol, before, after, count: 0, ranges: [] };
  draft.states.set(key, change);
  change.count += last - first + 1;
  append(change.ranges, first, last);
}

/** `closed|filtered` is one of the two, so it may still be what the other scan saw. */
const mayBeSame = (a: PortState, b: PortState): boolean =>
  a === b || (a === 'closed|filtered' && isEither(b)) || (b === 'closed|filtered' && isEither(a));

const isEither = (state: PortState): boolean => state === 'closed' || state === 'filtered';

/** Ports come in ascending order. */
function append(ranges: [first: PortNumber, last: PortNumber][], first: PortNumber, last: PortNumber): void {
  const end = ranges.at(-1);
  if (end && end[1] + 1 === first) end[1] = last;
  else ranges.push([first, last]);
}

function presenceChange(
  { answered, compared }: Draft,
  before: DiffHostSide,
  after: DiffHostSide,
): Pick<HostDiff, 'presence' | 'presenceCompared'> {
  if (!before.host || !after.host) return { presence: presenceOfOne(before, after), presenceCompared: false };
  const [known, now] = [discovered(before.host), discovered(after.host)];
  if (known || now) {
    const was = known ?? (presenceOf(before.host).state === 'up' ? 'up' : undefined);
    const is = now ?? (presenceOf(after.host).state === 'up' ? 'up' : undefined);
    if (was && is) return { presence: was === is ? 'same' : is === 'up' ? 'came' : 'went', presenceCompared: true };
  }
  const presence = answered.before === answered.after ? 'same' : answered.after ? 'came' : 'went';
  return { presence, presenceCompared: compared > 0 };
}

/** What host discovery came to, ours or another scanner's; undefined where there was none. */
function discovered({ facts, runs }: HostReport): 'up' | 'down' | undefined {
  return facts?.status?.state ?? (runs.some(({ verdict }) => verdict === 'unprobed/host-silent') ? 'down' : undefined);
}

/** nmap leaves out hosts that are down, so in its files a host that is not there was not up. */
function presenceOfOne(before: DiffHostSide, after: DiffHostSide): PresenceChange {
  const host = after.host ?? before.host;
  const other = after.host ? before.scan : after.scan;
  if (!host || presenceOf(host).state !== 'up') return 'unknown';
  if (after.host) return host.findings.length > 0 || other.imported ? 'appeared' : 'unknown';
  return other.imported ? 'vanished' : 'unknown';
}
