import { type PortAt, type PortRange, type PortSet, portsOf } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import { HIGHEST_PORT } from '../../domain/units.ts';
import { type Verdict, verdictCode, verdictOf } from '../../domain/verdict.ts';
import type { NmapExtra, NmapExtraReason, NmapHost } from './nmap-run.ts';
import { verdictOfWords } from './nmap-verdict.ts';

/** The code of a verdict for every port of one host, or `NOT_MENTIONED`. */
type PortCodes = Readonly<Record<Protocol, Uint8Array>>;

/** No verdict has this code. */
const NOT_MENTIONED = 255;

/** What the file tells of a port of one host. */
export type VerdictAt = (at: PortAt) => Verdict;

/**
 * What the file knows of each port of the host. Ports folded into a count are known when the file lists them, as newer
 * versions of nmap do; or when only one state was folded and exactly as many asked ports are left. All else is not
 * recorded.
 */
export function portVerdicts(host: NmapHost, asked: PortSet | null): VerdictAt {
  const verdicts = {
    tcp: new Uint8Array(HIGHEST_PORT + 1).fill(NOT_MENTIONED),
    udp: new Uint8Array(HIGHEST_PORT + 1).fill(NOT_MENTIONED),
  };
  const fill = (protocol: Protocol, ranges: readonly PortRange[], verdict: Verdict | undefined): void => {
    const code = verdictCode(verdict ?? 'unprobed/not-recorded');
    for (const [first, last] of ranges) verdicts[protocol].fill(code, first, last + 1);
  };
  for (const { state, reasons } of host.extras) {
    for (const { reason, ports } of reasons) {
      if (ports) fill(ports.protocol, ports.ranges, verdictOfWords(ports.protocol, state, reason));
    }
  }
  for (const { protocol, ranges, verdict } of host.gaps) {
    // The file is all there will ever be: what was pending when it was written stays unknown.
    fill(protocol, ranges, verdict === 'pending' ? 'unprobed/not-recorded' : verdict);
  }
  // Backwards, because of two elements for one port the first counts.
  for (const { protocol, port, state, reason } of host.ports.toReversed()) {
    fill(protocol, [[port, port]], verdictOfWords(protocol, state, reason));
  }
  fillLeftOver(verdicts, host.extras, asked);
  return ({ protocol, port }) => {
    const code = verdicts[protocol][port] ?? NOT_MENTIONED;
    return code === NOT_MENTIONED ? 'unprobed/not-recorded' : verdictOf(code);
  };
}

function fillLeftOver(verdicts: PortCodes, extras: readonly NmapExtra[], asked: PortSet | null): void {
  const unlisted = extras.map(withoutLists).filter(({ count }) => count > 0);
  const [only] = unlisted;
  if (!asked || !only || unlisted.length > 1) return;
  const left = [...portsOf(asked)].filter(({ protocol, port }) => verdicts[protocol][port] === NOT_MENTIONED);
  if (left.length !== only.count) return;
  const reason = mostFrequent(only.reasons);
  for (const { protocol, port } of left) {
    const verdict = verdictOfWords(protocol, only.state, reason);
    if (verdict) verdicts[protocol][port] = verdictCode(verdict);
  }
}

/** What of a folded state the file does not list port by port. */
function withoutLists({ state, count, reasons }: NmapExtra): NmapExtra {
  const listed = reasons.reduce((sum, reason) => sum + (reason.ports ? reason.count : 0), 0);
  return { state, count: count - listed, reasons: reasons.filter(({ ports }) => !ports) };
}

/** Which port has which of several reasons is not told; the state, which is certain, is the same for all of them. */
const mostFrequent = (reasons: readonly NmapExtraReason[]): string =>
  reasons.reduce((most, each) => (each.count > most.count ? each : most), { reason: '', count: 0 }).reason;
