/**
 * nmap's port states. They "are not intrinsic properties of the port itself, but describe how [the scanner] sees them".
 */
export const PORT_STATES = ['open', 'closed', 'filtered', 'open|filtered'] as const;
export type PortState = (typeof PORT_STATES)[number];

/**
 * Everything that can be said of a planned probe, as the one string that goes into the store, the JSON and the page:
 * `state/reason` in nmap's words, `unprobed/cause` for a port we could not ask (never a state), or `pending`.
 * The order is the code of each verdict inside a worker; it is never stored, so it may change.
 */
export const VERDICTS = [
  'pending',
  'open/syn-ack',
  'open/udp-response',
  'closed/conn-refused',
  'closed/port-unreach',
  'filtered/no-response',
  'filtered/host-unreach',
  'filtered/net-unreach',
  'filtered/proto-unreach',
  'filtered/admin-prohibited',
  'open|filtered/no-response',
  /** Silent while the target held its answers back: it may as well be closed. */
  'open|filtered/rate-limited',
  /** The socket limit of the process, or of the system, stayed exhausted. */
  'unprobed/no-descriptor',
  /** No local port, buffer or permission to send from; see `LocalFault`. */
  'unprobed/no-local-port',
  'unprobed/no-memory',
  'unprobed/not-permitted',
  'unprobed/local-fault',
  /** The worker's time was up before the port's turn came. */
  'unprobed/deadline',
  /** The scan was cancelled before the port's turn came. */
  'unprobed/cancelled',
  /** Every delivery of the chunk failed. */
  'unprobed/chunk-failed',
  /** The network of the worker does not let this port out (TCP 25 from Lambda). */
  'unprobed/blocked-by-vantage',
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

export const isSettled = (verdict: Verdict): verdict is Settled =>
  !verdict.startsWith('unprobed/') && verdict !== 'pending';

export const isUnprobed = (verdict: Verdict): verdict is Unprobed => verdict.startsWith('unprobed/');

/** The two halves of a settled verdict, apart. */
export function stateAndReason(verdict: Settled): { readonly state: PortState; readonly reason: Reason } {
  const slash = verdict.indexOf('/');
  return { state: verdict.slice(0, slash) as PortState, reason: verdict.slice(slash + 1) as Reason };
}

/** Why a port went unprobed, in words for a person. */
export const UNPROBED_WORDS = {
  'no-descriptor': 'too many open files, to the end',
  'no-local-port': 'no local port or route to send from',
  'no-memory': 'the system had no memory or buffers left',
  'not-permitted': 'this machine does not permit sending to it',
  'local-fault': 'a error of this machine, not of the target',
  deadline: 'the time ran out',
  cancelled: 'the scan was cancelled',
  'chunk-failed': 'every attempt at the chunk failed',
  'blocked-by-vantage': 'the network of the scanner blocks this port',
  forbidden: 'the policy of the scanner forbids the address',
  'not-recorded': 'the imported file does not tell',
} as const satisfies Record<UnprobedCause, string>;
