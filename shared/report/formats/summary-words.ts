import type { Anomaly } from '../../domain/anomaly.ts';
import { isSpent } from '../../domain/cost.ts';
import type { ProbeTally } from '../../domain/coverage.ts';
import { type Incident, silencesOf } from '../../domain/incident.ts';
import type { Scan, ScanSummary } from '../../domain/scan.ts';
import type { ScanStatus } from '../../domain/scan-status.ts';
import type { EpochMillis } from '../../domain/units.ts';
import { PORT_STATES, type PortState, type Settled, stateAndReason } from '../../domain/verdict.ts';
import type { PortGap } from './fold.ts';
import { counted, gapWords } from './host-words.ts';
import { durationText, isoTime } from './time.ts';

/** What the scan came to, a sentence each, without their ends: states, coverage, anomalies, and the quality of the probing. */
export function summarySentences(summary: ScanSummary): string[] {
  const remarks = lossWords(summary);
  return [
    ...stateCounts(summary.settled).map(stateWords),
    coverageWords(summary),
    ...silencesOf(summary).map(silenceWords),
    ...unheardWords(summary),
    ...limitWords(summary),
    ...rateLimitWords(summary.tally),
    ...summary.anomalies.map(anomalyWords),
    ...(summary.anomaliesLeftOut ? [`${counted(summary.anomaliesLeftOut, 'host')} more like these`] : []),
    ...(remarks.length > 0 ? [remarks.join('; ')] : []),
    ...costWords(summary),
  ];
}

/** What befell single hosts, a sentence each. */
export const hostEventWords = (summary: ScanSummary): string[] => [
  ...silencesOf(summary).map(silenceWords),
  ...summary.anomalies.map(anomalyWords),
];

/** `Cost about $0.0123, estimated at $0.04, $0.011 to $0.052 (912 worker seconds, 3,800 requests, 74,000 write units)`. */
export function costWords({ cost }: ScanSummary): string[] {
  if (!cost) return [];
  const { atLeast, expected, ifSilent } = cost.estimate;
  const [seconds, requests, units] = [cost.workerSeconds, cost.requests, cost.writeUnits].map((count) =>
    Math.round(count).toLocaleString('en'),
  );
  const used = `${seconds} worker seconds, ${requests} requests, ${units} write units`;
  const stopped = isSpent(cost)
    ? [`Its limit of ${dollarWords(cost.limit ?? 0)} is reached; "resume" goes on for as much again`]
    : [];
  return [
    `Cost about ${dollarWords(cost.dollars)}, estimated at ${dollarWords(expected)}, ${dollarWords(atLeast)} to ${dollarWords(ifSilent)} (${used}; list prices)`,
    ...stopped,
  ];
}

const dollarWords = (amount: number): string =>
  `$${Number(amount.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })}`;

/** Where an imported scan comes from, and what of its file is missing; nothing for a scan of our own. */
export function importSentences({ imported }: Pick<Scan, 'imported'>): string[] {
  if (!imported) return [];
  const { file, tool, incomplete, notes } = imported;
  const missing = incomplete === undefined ? [] : [`Not complete: ${incomplete}`];
  return [`Imported from ${file} (${tool})`, ...missing, ...notes.map((note) => note.replace(/\.$/, ''))];
}

/** `Scanning completed in 0:00:16.141690`: the last line. */
export const durationWords = (scan: Scan, summary: ScanSummary): string =>
  `${STATUS_WORDS[scan.status]} ${durationText(summary.duration)}`;

/** `3 closed ports (2 conn-refused, 1 port-unreach)`. */
function stateWords({ state, count, reasons }: StateCount): string {
  const why = reasons.map((each) => (reasons.length > 1 ? `${each.count} ${each.reason}` : each.reason));
  return `${counted(count, `${state} port`)} (${why.join(', ')})`;
}

interface StateCount {
  readonly state: PortState;
  readonly count: number;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

/** The settled probes by state, and within a state by reason, the most frequent first. */
function stateCounts(settled: ScanSummary['settled']): StateCount[] {
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

const settledCount = (summary: ScanSummary): number =>
  stateCounts(summary.settled).reduce((sum, { count }) => sum + count, 0);

/** `65535 of 65535 probed`, and what became of the rest. */
function coverageWords(summary: ScanSummary): string {
  const rest = Object.entries(summary.unprobed).flatMap(([verdict, count]) =>
    count > 0 ? [`${count} not probed: ${gapWords(verdict as PortGap['verdict'])}`] : [],
  );
  if (summary.pending > 0) rest.push(`${summary.pending} not yet probed`);
  return [`${settledCount(summary)} of ${summary.planned} probed`, ...rest].join('; ');
}

/** How sure an `open|filtered` is on a host that holds back the answers that would say `closed`. */
function limitWords({ settled, tally }: ScanSummary): string[] {
  const unsure = settled['open|filtered/rate-limited'] ?? 0;
  const rate = tally.answersPerSecond;
  if (unsure === 0 && rate === undefined) return [];
  const rateText =
    rate === undefined ? '' : ` (about ${rate.toFixed(rate < 10 ? 1 : 0)} a second that a port is closed)`;
  const rest =
    unsure === 0
      ? 'they were waited for, so every open|filtered is sure'
      : `${counted(unsure, 'open|filtered port is unsure and may be closed', 'open|filtered ports are unsure and may be closed')}`;
  return [`Answers rate-limited${rateText}: ${rest}`];
}

/** Where probes that came too fast were lost: the rate at which they got through. */
function rateLimitWords({ pacedTo }: ProbeTally): string[] {
  if (pacedTo === undefined) return [];
  return [
    `Probes rate-limited: about ${pacedTo.toFixed(0)} a second get through; silent ports were probed again at that rate`,
  ];
}

/** How much was lost: a `filtered` is as sure as the network was clean. */
function lossWords({ tally, settled }: ScanSummary): string[] {
  if (tally.sent === 0) return [];
  const rtt =
    tally.smoothedRtt === null ? [] : [`round trip ${tally.smoothedRtt.toFixed(tally.smoothedRtt < 10 ? 2 : 0)} ms`];
  const pings =
    (tally.pings ?? 0) > 0
      ? [`${tally.pingsAnswered ?? 0} of ${counted(tally.pings ?? 0, 'timing ping')} answered`]
      : [];
  const silent =
    tally.mostAttempts > 0 ? [`silent ports were probed up to ${counted(tally.mostAttempts, 'time')}`] : [];
  if (tally.answered === 0) return [`nothing answered ${counted(tally.sent, 'probe')}`, ...silent];
  const share = ((100 * tally.answeredRetries) / tally.answered).toFixed(1);
  const loss =
    tally.answeredRetries === 0
      ? 'no answer needed a second probe'
      : `${counted(tally.answeredRetries, 'port')} of ${tally.answered} that answered did so only when probed again (${share} %)`;
  return [loss, ...missedWords(tally, settled), ...pings, ...silent, ...rtt];
}

/** From a twentieth of a port on it is worth saying. */
const WORTH_SAYING = 0.05;

/** How many ports that would have answered are called filtered: at a share p of losses, n attempts all miss one in p⁻ⁿ. */
function missedWords(tally: ProbeTally, settled: ScanSummary['settled']): string[] {
  const loss = tally.answeredRetries / Math.max(1, tally.answered);
  const missed = tally.answered * loss ** Math.max(1, tally.mostAttempts);
  if (missed < WORTH_SAYING || !settled['filtered/no-response']) return [];
  return [
    `at such losses about ${missed.toFixed(missed < 10 ? 1 : 0)} of the filtered ports may only have been missed`,
  ];
}

/** `12:03:04`, in UTC. */
const clockTime = (at: EpochMillis): string => isoTime(at).slice('2026-11-22T'.length, -'.000Z'.length);

/** From when to when a target was not to be heard, and what that leaves open. */
function silenceWords({ address, from, until, ports }: Incident): string {
  const heard = `${address} was heard until ${clockTime(from)} UTC`;
  if (until === null) return `${heard}; ${counted(ports, 'port')} after that not told`;
  return `${heard} and again from ${clockTime(until)}; what was silent in between was probed again`;
}

function unheardWords({ unheard }: ScanSummary): string[] {
  if (!unheard) return [];
  const hosts = counted(unheard.hosts, 'host');
  const were = unheard.hosts === 1 ? 'was' : 'were';
  return [`${hosts} ${were} never heard: beyond ${unheard.beyond / 1_000} s, silence and distance look alike`];
}

/** The words before the duration, in the last line. */
const STATUS_WORDS = {
  planned: 'Scanning has not begun; submitted before',
  running: 'Scanning goes on, so far',
  finalizing: 'Scanning goes on, so far',
  complete: 'Scanning completed in',
  'complete-with-gaps': 'Scanning completed with gaps in',
  cancelled: 'Scanning cancelled after',
  failed: 'Scanning failed after',
} as const satisfies Record<ScanStatus, string>;

/** Why what a host shows should not be believed as it stands. */
function anomalyWords(anomaly: Anomaly): string {
  switch (anomaly.kind) {
    case 'all-open':
      return `All open suspected: ${anomaly.address} accepted on ${anomaly.open} of the ${counted(anomaly.answered, 'port')} that answered. Something answers for it (a SYN proxy, a tarpit); its open ports are no evidence of services.`;
    case 'reset-everything': {
      const { address, since, until, ports } = anomaly;
      const end = until === null ? '' : ` until ${clockTime(until)}`;
      return `Resets everything: ${address} showed other states until ${clockTime(since)} UTC, and reset all that was probed after that${end}, also ports that it had not reset before. A port sentry or a firewall may have banned this scanner, or its services have stopped; that ${counted(ports, 'port is', 'ports are')} closed since then is no evidence.`;
    }
    default:
      return anomaly satisfies never;
  }
}
