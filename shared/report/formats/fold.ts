import type { Finding } from '../../domain/finding.ts';
import type { PortRange, PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import type { HostReport, PortRun } from '../../domain/report.ts';
import type { Address, PortNumber } from '../../domain/units.ts';
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

/** Ports that were not probed, or not yet. */
export interface PortGap {
  readonly protocol: Protocol;
  readonly verdict: Unprobed | 'pending';
  readonly count: number;
  readonly ranges: readonly PortRange[];
}

/** A host the way nmap shows it: lines for what is rare, "Not shown" for what is common, and what was not probed. */
export interface FoldedHost {
  readonly rows: readonly PortRow[];
  readonly folded: readonly PortGroup[];
  readonly gaps: readonly PortGap[];
}

/** Like nmap: a state of more ports than this becomes a count. */
const MOST_ROWS_OF_A_STATE = 25;

/** `planned` is the plan's ports: a run may step over ports that the plan leaves out, and they must not be named. */
export function foldHost(host: HostReport, planned: PortSet): FoldedHost {
  const groups = groupRuns(host.runs, planned);
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

function groupRuns(runs: readonly PortRun[], planned: PortSet): VerdictGroup[] {
  const groups = new Map<string, VerdictGroup>();
  for (const { run, ranges } of plannedRanges(runs, planned)) {
    const key = `${run.protocol} ${run.verdict}`;
    const group = groups.get(key) ?? { protocol: run.protocol, verdict: run.verdict, count: 0, ranges: [] };
    groups.set(key, group);
    group.count += run.count;
    for (const range of ranges) group.ranges.push(range);
  }
  return [...groups.values()];
}

/** Each run with the planned ranges in it, in one pass: both are sorted. */
function* plannedRanges(
  runs: readonly PortRun[],
  planned: PortSet,
): Generator<{ readonly run: PortRun; readonly ranges: PortRange[] }> {
  const at = { tcp: 0, udp: 0 };
  for (const run of runs) {
    const all = planned[run.protocol];
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

/**
 * Neighbours that look the same become one entry: a sweep of 65,536 addresses must not drown the few that answer.
 * Only the first and last of a row of them are held, and the entry is written when the next one differs.
 */
export interface NeighbourFold {
  hold(address: Address, body: string): Generator<string, void, void>;
  flush(): Generator<string, void, void>;
}

/** `entry` writes the text for a row of hosts, "10.0.0.1" or "10.0.0.1 to 10.0.0.9 (9 addresses, each alike)". */
export function foldNeighbours(entry: (hosts: string, body: string) => string): NeighbourFold {
  let held: { first: Address; last: Address; count: number; body: string } | undefined;
  function* flush(): Generator<string, void, void> {
    if (!held) return;
    const { first, last, count, body } = held;
    held = undefined;
    yield entry(count === 1 ? first : `${first} to ${last} (${count} addresses, each alike)`, body);
  }
  function* hold(address: Address, body: string): Generator<string, void, void> {
    if (held?.body === body) {
      held = { ...held, last: address, count: held.count + 1 };
      return;
    }
    yield* flush();
    held = { first: address, last: address, count: 1, body };
  }
  return { hold, flush };
}
