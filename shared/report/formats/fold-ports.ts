import type { Finding } from '../../domain/finding.ts';
import type { PortRange, PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import type { HostReport, PortRun } from '../../domain/report.ts';
import type { PortNumber } from '../../domain/units.ts';
import {
  isSettled,
  type PortState,
  type Reason,
  type Settled,
  stateAndReason,
  type Unprobed,
  type Verdict,
} from '../../domain/verdict.ts';

/** Ports of one state, reason and protocol. */
export interface PortGroup {
  readonly protocol: Protocol;
  readonly state: PortState;
  readonly reason: Reason;
  readonly count: number;
  readonly ranges: readonly PortRange[];
}

/** A port that has a line of its own; only open ones have a finding. */
export interface PortRow {
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: PortState;
  readonly reason: Reason;
  readonly finding: Finding | null;
}

/** Ports that were not asked, or not yet. */
export interface PortGap {
  readonly protocol: Protocol;
  readonly verdict: Unprobed | 'pending';
  readonly count: number;
  readonly ranges: readonly PortRange[];
}

/** A host the way nmap shows it: lines for what is rare, "Not shown" for what is common, and what nobody asked. */
export interface FoldedHost {
  readonly rows: readonly PortRow[];
  readonly folded: readonly PortGroup[];
  readonly gaps: readonly PortGap[];
}

/** Like nmap: a state that more ports have than this is told as a count. */
const MOST_ROWS_OF_A_STATE = 25;

/** `asked` is the plan's ports: a run may step over ports that nobody asked for, and they must not be named. */
export function foldHost(host: HostReport, asked: PortSet): FoldedHost {
  const groups = groupRuns(host.runs, asked);
  const settled = groups.flatMap((group) => (isSettled(group.verdict) ? [settledGroup(group, group.verdict)] : []));
  const gaps = groups.flatMap((group) => (isSettled(group.verdict) ? [] : [{ ...group, verdict: group.verdict }]));
  const isFolded = ({ state }: PortGroup): boolean => countOf(settled, state) > MOST_ROWS_OF_A_STATE;
  const rows = [
    ...host.findings.map(rowOfFinding),
    ...settled.filter((group) => !isFolded(group)).flatMap(rowsOfGroup),
  ];
  return { rows: rows.sort(byPort), folded: settled.filter(isFolded).sort((a, b) => b.count - a.count), gaps };
}

interface VerdictGroup {
  readonly protocol: Protocol;
  readonly verdict: Verdict;
  count: number;
  readonly ranges: PortRange[];
}

function groupRuns(runs: readonly PortRun[], asked: PortSet): VerdictGroup[] {
  const groups = new Map<string, VerdictGroup>();
  for (const { run, ranges } of askedRanges(runs, asked)) {
    const key = `${run.protocol} ${run.verdict}`;
    const group = groups.get(key) ?? { protocol: run.protocol, verdict: run.verdict, count: 0, ranges: [] };
    groups.set(key, group);
    group.count += run.count;
    for (const range of ranges) group.ranges.push(range);
  }
  return [...groups.values()];
}

/** Each run with the ranges that were asked of it, in one pass: both are sorted. */
function* askedRanges(
  runs: readonly PortRun[],
  asked: PortSet,
): Generator<{ readonly run: PortRun; readonly ranges: PortRange[] }> {
  const at = { tcp: 0, udp: 0 };
  for (const run of runs) {
    const all = asked[run.protocol];
    while ((all[at[run.protocol]]?.[1] ?? Infinity) < run.first) at[run.protocol]++;
    const ranges: PortRange[] = [];
    for (let index = at[run.protocol]; index < all.length; index++) {
      const [first, last] = all[index] ?? [run.last, run.last];
      if (first > run.last) break;
      ranges.push([Math.max(first, run.first) as PortNumber, Math.min(last, run.last) as PortNumber]);
    }
    yield { run, ranges };
  }
}

function settledGroup({ verdict: _, ...group }: VerdictGroup, verdict: Settled): PortGroup {
  return { ...group, ...stateAndReason(verdict) };
}

const countOf = (groups: readonly PortGroup[], state: PortState): number =>
  groups.reduce((sum, group) => sum + (group.state === state ? group.count : 0), 0);

const rowOfFinding = (finding: Finding): PortRow => ({
  protocol: finding.protocol,
  port: finding.port,
  state: finding.state,
  reason: finding.reason,
  finding,
});

function rowsOfGroup({ protocol, state, reason, ranges }: PortGroup): PortRow[] {
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, offset) => ({
      protocol,
      port: (first + offset) as PortNumber,
      state,
      reason,
      finding: null,
    })),
  );
}

const byPort = (a: PortRow, b: PortRow): number =>
  PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || a.port - b.port;
