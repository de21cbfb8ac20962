import type { Finding } from '../../domain/finding.ts';
import { isAnswer } from '../../domain/host-presence.ts';
import { makePortRuns } from '../../domain/port-runs.ts';
import type { PortRange, PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import { NO_SERVICE } from '../../domain/registry/services.ts';
import type { PortRun } from '../../domain/report.ts';
import { type EpochMillis, HIGHEST_PORT, millis, type PortNumber } from '../../domain/units.ts';
import { isSettled, type Settled, stateAndReason, type Verdict, verdictCode, verdictOf } from '../../domain/verdict.ts';
import { verdictOfWords } from './nmap-verdict.ts';
import type { FileExtra, FileExtraReason, FileHost, FilePort } from './scan-file.ts';

/** No verdict has this code: the file does not mention the port. */
const NOT_MENTIONED = 255;

/** The code of a verdict for every port of one host, or `NOT_MENTIONED`. */
export type PortCodes = Readonly<Record<Protocol, Uint8Array>>;

export const newCodes = (): PortCodes => ({
  tcp: new Uint8Array(HIGHEST_PORT + 1).fill(NOT_MENTIONED),
  udp: new Uint8Array(HIGHEST_PORT + 1).fill(NOT_MENTIONED),
});

/** What the file knows of one host, put together from all of its elements. */
export interface HostKnowledge {
  readonly codes: PortCodes;
  /** Ports known by count alone: how many of which state, and which ones the file does not list. */
  readonly counted: readonly FileExtra[];
  /** Ports that are one of several states each, as the file lists none of them: how many of which. */
  readonly split: readonly FileExtra[];
  /** States that are none of ours, with how many ports have them. */
  readonly foreign: ReadonlyMap<string, number>;
}

/** The verdicts of one element of a host. */
export function readVerdicts(host: FileHost): HostKnowledge {
  const codes = newCodes();
  const fill = (protocol: Protocol, ranges: readonly PortRange[], verdict: Verdict): void => {
    for (const [first, last] of ranges) codes[protocol].fill(verdictCode(verdict), first, last + 1);
  };
  for (const { state, reasons } of host.extras) {
    for (const { reason, ports } of reasons) {
      if (ports) fill(ports.protocol, ports.ranges, wordsVerdict(ports.protocol, state, reason));
    }
  }
  for (const { protocol, ranges, verdict } of host.gaps) {
    // The file is all there will ever be: what was pending when it was written stays unknown.
    fill(protocol, ranges, verdict === 'pending' ? 'unprobed/not-recorded' : verdict);
  }
  // Backwards, because of two elements for one port the first counts.
  for (const { protocol, port, state, reason } of host.ports.toReversed()) {
    fill(protocol, [[port, port]], wordsVerdict(protocol, state, reason));
  }
  const unlisted = host.extras.map(withoutLists).filter(({ count }) => count > 0);
  const counted = fillLeftOver(codes, host, unlisted);
  const split = unlisted.length > 1 && counted.length === 0 ? unlisted : [];
  return { codes, counted, split, foreign: foreignStates(host) };
}

/** nmap's ACK scan says `unfiltered`: open or closed. Such ports stay untold. */
function foreignStates({ ports, extras }: FileHost): ReadonlyMap<string, number> {
  const foreign = new Map<string, number>();
  const add = (state: string, count: number): void => {
    if (verdictOfWords('tcp', state, '') === undefined) foreign.set(state, (foreign.get(state) ?? 0) + count);
  };
  for (const { state } of ports) add(state, 1);
  for (const { state, reasons } of extras)
    for (const { count, ports: listed } of reasons) if (listed) add(state, count);
  return foreign;
}

/** Writes what a later element of the same host says over what the earlier ones said. */
export function overwriteCodes(codes: PortCodes, later: PortCodes): void {
  const unknown = verdictCode('unprobed/not-recorded');
  for (const protocol of PROTOCOLS) {
    const [all, own] = [codes[protocol], later[protocol]];
    for (let port = 0; port < own.length; port++) {
      const code = own[port] ?? NOT_MENTIONED;
      if (code !== NOT_MENTIONED && (code !== unknown || all[port] === NOT_MENTIONED)) all[port] = code;
    }
  }
}

const wordsVerdict = (protocol: Protocol, state: string, reason: string): Verdict =>
  verdictOfWords(protocol, state, reason) ?? 'unprobed/not-recorded';

/**
 * Ports that were folded into counts without a list. They are the scanned ports that nothing else mentions, if the number
 * fits: with one state each has that state, with closed and filtered ones each is one of the two. A host that is down
 * had none of its ports probed. Gives the counts that could not be laid on ports.
 */
function fillLeftOver(
  codes: PortCodes,
  { extras, scanned, facts }: FileHost,
  unlisted: readonly FileExtra[],
): readonly FileExtra[] {
  const isDown = facts.status?.state === 'down' && extras.length === 0;
  if (unlisted.length === 0 && !isDown) return [];
  if (!scanned) return unlisted;
  if (isDown) return fillUnmentioned(codes, scanned, () => 'unprobed/host-silent');
  const fits = countUnmentioned(codes, scanned) === unlisted.reduce((sum, { count }) => sum + count, 0);
  const verdictAt = fits ? commonVerdict(unlisted) : undefined;
  return verdictAt ? fillUnmentioned(codes, scanned, verdictAt) : unlisted;
}

function countUnmentioned(codes: PortCodes, scanned: PortSet): number {
  let count = 0;
  for (const protocol of PROTOCOLS) {
    for (const [first, last] of scanned[protocol]) {
      for (let port = first; port <= last; port++) if (codes[protocol][port] === NOT_MENTIONED) count++;
    }
  }
  return count;
}

function fillUnmentioned(codes: PortCodes, scanned: PortSet, verdictAt: (protocol: Protocol) => Verdict): [] {
  for (const protocol of PROTOCOLS) {
    const code = verdictCode(verdictAt(protocol));
    for (const [first, last] of scanned[protocol]) {
      for (let port = first; port <= last; port++) {
        if (codes[protocol][port] === NOT_MENTIONED) codes[protocol][port] = code;
      }
    }
  }
  return [];
}

/** The verdict that fits ports of all those states; undefined where one of them may be open. */
function commonVerdict(extras: readonly FileExtra[]): ((protocol: Protocol) => Verdict) | undefined {
  const [only] = extras;
  if (only && extras.length === 1) {
    const reason = mostFrequent(only.reasons);
    return verdictOfWords('tcp', only.state, reason) && ((protocol) => wordsVerdict(protocol, only.state, reason));
  }
  const areClosed = extras.every(({ state }) => ['closed', 'filtered', 'closed|filtered'].includes(state));
  return areClosed ? () => 'closed|filtered/not-listed' : undefined;
}

/** What of a folded state the file does not list port by port. */
function withoutLists({ state, count, reasons }: FileExtra): FileExtra {
  const listed = reasons.reduce((sum, reason) => sum + (reason.ports ? reason.count : 0), 0);
  return { state, count: count - listed, reasons: reasons.filter(({ ports }) => !ports) };
}

/** Which port has which of several reasons is not told; the state, which is certain, is the same for all of them. */
const mostFrequent = (reasons: readonly FileExtraReason[]): string =>
  reasons.reduce((most, each) => (each.count > most.count ? each : most), { reason: '', count: 0 }).reason;

/** Marks every port that the file says anything of. */
export function markMentioned({ ports, gaps, extras }: FileHost, mentioned: PortCodes): void {
  for (const { protocol, port } of ports) mentioned[protocol][port] = 1;
  const lists = [...gaps, ...extras.flatMap(({ reasons }) => reasons.flatMap((reason) => reason.ports ?? []))];
  for (const { protocol, ranges } of lists) {
    for (const [first, last] of ranges) mentioned[protocol].fill(1, first, last + 1);
  }
}

/** Codes of verdicts that only the host itself can cause. */
const ANSWERS = Uint8Array.from({ length: NOT_MENTIONED + 1 }, (_, code) => {
  const verdict = verdictOf(code);
  return code < NOT_MENTIONED && isSettled(verdict) && isAnswer(verdict) ? 1 : 0;
});

/** Some port shows that the host is up. */
export function showsAnswer(codes: PortCodes): boolean {
  for (const protocol of PROTOCOLS) {
    for (const code of codes[protocol]) if (ANSWERS[code] === 1) return true;
  }
  return false;
}

/** Findings and runs over the planned ports. */
export function layOut(
  codes: PortCodes,
  planned: PortSet,
  elements: ReadonlyMap<string, FilePort>,
  host: FileHost,
  finishedAt: EpochMillis,
): { readonly findings: Finding[]; readonly runs: PortRun[] } {
  const findings: Finding[] = [];
  const runs: PortRun[] = [];
  const builder = makePortRuns();
  for (const protocol of PROTOCOLS) {
    const own = codes[protocol];
    for (const [first, last] of planned[protocol]) {
      for (let port = first; port <= last; ) {
        const code = own[port] ?? NOT_MENTIONED;
        const end = endOfRun(own, port, last);
        const verdict = code === NOT_MENTIONED ? 'unprobed/not-recorded' : verdictOf(code);
        if (isOpen(verdict)) {
          for (let at = port; at <= end; at++) {
            findings.push(
              findingOf({ protocol, port: at }, verdict, elements.get(`${protocol}/${at}`), host, finishedAt),
            );
          }
          builder.end();
        } else {
          const run = builder.add({ protocol, port }, verdict, end);
          if (run) runs.push(run);
        }
        port = (end + 1) as PortNumber;
      }
    }
  }
  return { findings, runs };
}

const isOpen = (verdict: Verdict): verdict is Settled => verdict.startsWith('open/');

/** The last port from `port` to `last` with the same code. */
function endOfRun(codes: Uint8Array, port: PortNumber, last: PortNumber): PortNumber {
  const code = codes[port];
  let end: number = port;
  while (end < last && codes[end + 1] === code) end++;
  return end as PortNumber;
}

/** nmap tells no time and no round trip of a single port: then it is when the host was done, and zero. */
function findingOf(
  at: { protocol: Protocol; port: PortNumber },
  verdict: Settled,
  element: FilePort | undefined,
  host: FileHost,
  finishedAt: EpochMillis,
): Finding {
  const seen = element?.seen;
  return {
    address: host.address,
    ...at,
    ...stateAndReason(verdict),
    service: element?.service ?? { name: NO_SERVICE, method: 'table' },
    seenAt: seen?.at ?? host.endedAt ?? finishedAt,
    rtt: seen?.rtt ?? millis(0),
    attempt: seen?.attempt ?? 1,
    ...(seen?.banner !== undefined && { banner: seen.banner }),
    ...(seen?.tls && { tls: seen.tls }),
  };
}
