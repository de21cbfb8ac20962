import type { AskTally } from '../domain/coverage.ts';
import { formatPorts, NO_PORTS, type PortSet } from '../domain/port-set.ts';
import type { ScanSummary } from '../domain/scan.ts';
import type { ScanStatus } from '../domain/scan-status.ts';
import type { Suspicion } from '../domain/suspicion.ts';
import {
  PORT_STATES,
  type PortState,
  type Settled,
  stateAndReason,
  UNPROBED_WORDS,
  type UnprobedCause,
} from '../domain/verdict.ts';
import type { PortGap, PortGroup } from './fold-ports.ts';

/** "1 port", "65,535 ports": always with the thousands apart, in every locale the same. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : many}`;

export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `65531 closed tcp ports (conn-refused)`, as nmap says it. */
export const notShownWords = ({ protocol, state, reason, count }: PortGroup): string =>
  `${count} ${state} ${protocol} ${count === 1 ? 'port' : 'ports'} (${reason})`;

/** The ranges of a group or gap in the port grammar: "22,8000-9000" or "U:53". */
export function rangesText({ protocol, ranges }: Pick<PortGap, 'protocol' | 'ranges'>): string {
  const set: PortSet = { ...NO_PORTS, [protocol]: ranges };
  return formatPorts(set);
}

/** Why nobody asked, in words for a person. */
export const gapWords = (verdict: PortGap['verdict']): string =>
  verdict === 'pending' ? 'not yet asked' : UNPROBED_WORDS[verdict.slice('unprobed/'.length) as UnprobedCause];

export interface StateCount {
  readonly state: PortState;
  readonly count: number;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

/** The settled probes by state, and within a state by reason, the most frequent first. */
export function stateCounts(settled: ScanSummary['settled']): StateCount[] {
  const entries = Object.entries(settled) as [Settled, number][];
  return PORT_STATES.flatMap((state) => {
    const reasons = entries
      .map(([verdict, count]) => ({ ...stateAndReason(verdict), count }))
      .filter((each) => each.state === state && each.count > 0)
      .sort((a, b) => b.count - a.count)
      .map(({ reason, count }) => ({ reason, count }));
    const count = reasons.reduce((sum, each) => sum + each.count, 0);
    return count === 0 ? [] : [{ state, count, reasons }];
  });
}

export const settledCount = (summary: ScanSummary): number =>
  stateCounts(summary.settled).reduce((sum, { count }) => sum + count, 0);

/** `65535 of 65535 probed`, and what became of the rest. */
export function coverageWords(summary: ScanSummary): string {
  const rest = Object.entries(summary.unprobed).flatMap(([verdict, count]) =>
    count > 0 ? [`${count} not asked: ${gapWords(verdict as PortGap['verdict'])}`] : [],
  );
  if (summary.pending > 0) rest.push(`${summary.pending} not yet asked`);
  return [`${settledCount(summary)} of ${summary.planned} probed`, ...rest].join('; ');
}

/** What the asking was like, because a `filtered` is as sure as the network was clean. */
export function lossWords(tally: AskTally): string[] {
  if (tally.asks === 0) return [];
  const rtt =
    tally.smoothedRtt === null ? [] : [`round trip ${tally.smoothedRtt.toFixed(tally.smoothedRtt < 10 ? 2 : 0)} ms`];
  const silent = tally.mostAttempts > 0 ? [`silent ports were asked up to ${counted(tally.mostAttempts, 'time')}`] : [];
  if (tally.answered === 0) return [`nothing answered ${counted(tally.asks, 'ask')}`, ...silent];
  const share = ((100 * tally.answeredRetries) / tally.answered).toFixed(1);
  const loss =
    tally.answeredRetries === 0
      ? 'no answer needed a second ask'
      : `${counted(tally.answeredRetries, 'port')} of ${thousands(tally.answered)} that answered did so only when asked again (${share} %)`;
  return [loss, ...silent, ...rtt];
}

/** The words before the duration, in the last line. */
export const STATUS_WORDS = {
  planned: 'Scanning has not begun; planned since',
  running: 'Scanning goes on, so far',
  finalizing: 'Scanning goes on, so far',
  complete: 'Scanning completed in',
  'complete-with-gaps': 'Scanning completed with gaps in',
  cancelled: 'Scanning cancelled after',
  failed: 'Scanning failed after',
} as const satisfies Record<ScanStatus, string>;

/** Why the open ports of a host should not be believed as they stand. */
export const suspicionWords = ({ address, open, answered }: Suspicion): string =>
  `All open suspected: ${address} accepted on ${thousands(open)} of the ${counted(answered, 'port')} that answered. Something answers for it (a SYN proxy, a tarpit); its open ports are no evidence of services.`;
