/**
 * nmap's port states. They "are not intrinsic properties of the port itself, but describe how [the scanner] sees them".
 */
export const PORT_STATES = ['open', 'closed', 'filtered', 'open|filtered', 'closed|filtered'] as const;
export type PortState = (typeof PORT_STATES)[number];

/**
 * Everything that can be said of a planned probe, as the one string that goes into the store, the JSON and the page:
 * `state/reason` in nmap's words, `unprobed/cause` for a port we could not probe (never a state), or `pending`.
 * The order is the code of each verdict inside a worker; it is never stored, so it may change.
 */
export const VERDICTS = [
  'pending',
  'open/syn-ack',
  'open/udp-response',
  /** By a proxy's word; see docs/command.md for what such a word is worth. */
  'open/proxy-connected',
  'closed/conn-refused',
  'closed/port-unreach',
  /** The same as `conn-refused`, seen by a scanner of raw packets; only in imported scans. */
  'closed/reset',
  'closed/proxy-refused',
  'filtered/no-response',
  'filtered/host-unreach',
  'filtered/net-unreach',
  'filtered/proto-unreach',
  'filtered/admin-prohibited',
  'filtered/proxy-host-unreach',
  'filtered/proxy-net-unreach',
  'filtered/proxy-ttl-expired',
  /** The rules of the proxy forbid it. */
  'filtered/proxy-prohibited',
  'open|filtered/no-response',
  /** Silent while the target held its answers back: it may as well be closed. */
  'open|filtered/rate-limited',
  /** Not open for certain; which of the two, the imported file does not say of each port. */
  'closed|filtered/not-listed',
  /** The proxy could not connect, and does not say why. */
  'closed|filtered/proxy-error',
  /** The socket limit of the process, or of the system, stayed exhausted. */
  'unprobed/no-descriptor',
  'unprobed/no-local-port',
  'unprobed/no-memory',
  /** The local packet filter did not let the probe out. */
  'unprobed/not-permitted',
  /** This machine has no route to the address, or no address of its family. */
  'unprobed/no-route',
  'unprobed/local-fault',
  /** The proxy cannot be reached, or does not let us in. */
  'unprobed/proxy-unreachable',
  /** The target had answered, then fell silent for good before the port was told. */
  'unprobed/target-went-silent',
  /** The time that the user gave each host was up before the port was told. */
  'unprobed/host-timeout',
  /** Host discovery found the target silent, so its other ports were not sent a probe. */
  'unprobed/host-silent',
  /** The host accepts on everything, so only a sample of its ports was probed. */
  'unprobed/all-open',
  /** The worker's time was up before the port's turn came. */
  'unprobed/deadline',
  /** The scan was cancelled before the port's turn came. */
  'unprobed/cancelled',
  /** Every delivery of the chunk failed. */
  'unprobed/chunk-failed',
  /** The network of the worker does not let this probe out (TCP 25 and IPv6 from Lambda outside a VPC). */
  'unprobed/blocked-by-egress',
  /** The worker's own policy forbids the address, whatever the message said. */
  'unprobed/forbidden',
  /** The scan comes from another scanner's file, and the file does not tell. */
  'unprobed/not-recorded',
] as const;

export type Verdict = (typeof VERDICTS)[number];
export type Settled = Extract<Verdict, `${PortState}/${string}`>;
export type Unprobed = Extract<Verdict, `unprobed/${string}`>;
type AfterSlash<V extends Verdict> = V extends `${string}/${infer Rest}` ? Rest : never;
export type Reason = AfterSlash<Settled>;
export type UnprobedCause = AfterSlash<Unprobed>;

const CODES = new Map<Verdict, number>(VERDICTS.map((verdict, code) => [verdict, code]));

/** The verdict as a small number, for arrays of one byte a probe. */
export const verdictCode = (verdict: Verdict): number => CODES.get(verdict) ?? 0;

/** The verdict of a code made by `verdictCode`. */
export const verdictOf = (code: number): Verdict => VERDICTS[code] ?? 'pending';

/** Names that records of earlier versions hold. */
const FORMER_NAMES: Readonly<Record<string, Verdict>> = { 'unprobed/blocked-by-vantage': 'unprobed/blocked-by-egress' };

const NAMES: ReadonlySet<string> = new Set(VERDICTS);

/** The verdict that a record, a file or an answer of the API names, whatever version wrote it; otherwise undefined. */
export const verdictNamed = (name: string): Verdict | undefined =>
  NAMES.has(name) ? (name as Verdict) : FORMER_NAMES[name];

export const isSettled = (verdict: Verdict): verdict is Settled =>
  !verdict.startsWith('unprobed/') && verdict !== 'pending';

export const isUnprobed = (verdict: Verdict): verdict is Unprobed => verdict.startsWith('unprobed/');

/** Ports that the user chose to leave out, under the name that tells of it. */
const LEFT_OUT: ReadonlySet<Verdict> = new Set(['unprobed/host-silent', 'unprobed/all-open']);

/** Is the port one that the scan was to probe, and did not? Such a port is a gap in the report. */
export const isGap = (verdict: Verdict): boolean => !isSettled(verdict) && !LEFT_OUT.has(verdict);

/** The two halves of a settled verdict, apart. */
export function stateAndReason(verdict: Settled): { readonly state: PortState; readonly reason: Reason } {
  const slash = verdict.indexOf('/');
  return { state: verdict.slice(0, slash) as PortState, reason: verdict.slice(slash + 1) as Reason };
}

/** Why a port went unprobed, in words for a person. */
export const UNPROBED_WORDS = {
  'no-descriptor': 'too many open files, to the end',
  'no-local-port': 'no local port to send from',
  'no-memory': 'the system had no memory or buffers left',
  'not-permitted': 'this machine does not permit sending to it',
  'no-route': 'this machine has no route to it',
  'proxy-unreachable': 'the proxy cannot be reached, or does not let us in',
  'local-fault': 'an error of this machine, not of the target',
  'target-went-silent': 'the target stopped answering',
  'host-timeout': 'the time for the host was up',
  'host-silent': 'the host answered on none of its likeliest ports',
  'all-open': 'the host accepts on everything',
  deadline: 'the time ran out',
  cancelled: 'the scan was cancelled',
  'chunk-failed': 'every attempt at the chunk failed',
  'blocked-by-egress': 'the network of the scanner blocks it',
  forbidden: 'the policy of the scanner forbids the address',
  'not-recorded': 'the imported file does not tell',
} as const satisfies Record<UnprobedCause, string>;
