import type { Finding } from '../../domain/finding.ts';
import { isAnswer } from '../../domain/host-presence.ts';
import { type HostSide, type PortPair, portPairs } from '../../domain/port-pairs.ts';
import type { PortAt, PortRange, PortSet } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import type { Address, PortNumber } from '../../domain/units.ts';
import { isSettled, type PortState, type Settled, stateAndReason } from '../../domain/verdict.ts';

/** One port that is open in at least one of the two scans, and not the same in the other. */
export type PortChange =
  | { readonly kind: 'newly-open'; readonly before: Settled; readonly after: Finding }
  | { readonly kind: 'no-longer-open'; readonly before: Finding; readonly after: Settled }
  /** Open in both, and what answered calls itself something else. */
  | { readonly kind: 'other-service'; readonly before: Finding; readonly after: Finding };

/** Ports that went from one state to another, open in neither scan. */
export interface StateChange {
  readonly protocol: Protocol;
  readonly before: PortState;
  readonly after: PortState;
  readonly count: number;
  readonly ranges: readonly PortRange[];
}

/**
 * One host in two scans. Only ports that both asked to the end are compared; the others are named, with who did ask:
 * the earlier scan alone, the later alone, or neither of the two that planned to.
 */
export interface HostDiff {
  readonly address: Address;
  readonly names: readonly string[];
  /** Did it begin or cease to answer at all, on the ports that are compared? */
  readonly presence: 'came' | 'went' | 'same';
  /** In the order of the ports. */
  readonly changes: readonly PortChange[];
  readonly states: readonly StateChange[];
  readonly compared: number;
  readonly notCompared: Readonly<Record<'before' | 'after' | 'neither', PortSet>>;
}

export function diffHost(before: HostSide, after: HostSide): HostDiff {
  const draft = newDraft();
  for (const pair of portPairs(before, after)) comparePort(draft, pair);
  return {
    address: after.host.address,
    names: [...new Set([...after.host.names, ...before.host.names])],
    presence: draft.answered.before === draft.answered.after ? 'same' : draft.answered.after ? 'came' : 'went',
    changes: draft.changes,
    states: [...draft.states.values()],
    compared: draft.compared,
    notCompared: draft.notCompared,
  };
}

/** Nothing changed on what could be compared. */
export const isSameHost = ({ presence, changes, states }: HostDiff): boolean =>
  presence === 'same' && changes.length === 0 && states.length === 0;

type Ranges = Record<Protocol, [first: PortNumber, last: PortNumber][]>;

interface Draft {
  readonly changes: PortChange[];
  readonly states: Map<string, StateDraft>;
  readonly notCompared: Record<'before' | 'after' | 'neither', Ranges>;
  readonly answered: { before: boolean; after: boolean };
  compared: number;
}

interface StateDraft extends StateChange {
  count: number;
  readonly ranges: [first: PortNumber, last: PortNumber][];
}

const newDraft = (): Draft => ({
  changes: [],
  states: new Map(),
  notCompared: { before: { tcp: [], udp: [] }, after: { tcp: [], udp: [] }, neither: { tcp: [], udp: [] } },
  answered: { before: false, after: false },
  compared: 0,
});

function comparePort(draft: Draft, { at, before, after }: PortPair): void {
  const [askedBefore, askedAfter] = [before && isSettled(before.verdict), after && isSettled(after.verdict)];
  if (!before || !after || !isSettled(before.verdict) || !isSettled(after.verdict)) {
    const asked = askedBefore ? 'before' : askedAfter ? 'after' : 'neither';
    append(draft.notCompared[asked][at.protocol], at.port);
    return;
  }
  draft.compared++;
  draft.answered.before ||= isAnswer(before.verdict);
  draft.answered.after ||= isAnswer(after.verdict);
  const [was, is] = [before.finding, after.finding];
  if (was && is) {
    if (isOtherService(was, is)) draft.changes.push({ kind: 'other-service', before: was, after: is });
  } else if (is) draft.changes.push({ kind: 'newly-open', before: before.verdict, after: is });
  else if (was) draft.changes.push({ kind: 'no-longer-open', before: was, after: after.verdict });
  else noteState(draft, at, before.verdict, after.verdict);
}

/** Names out of a table say nothing of what listens, and nmap's table has other names than ours. */
const isOtherService = (before: Finding, after: Finding): boolean =>
  before.service.method === 'probed' && after.service.method === 'probed' && before.service.name !== after.service.name;

function noteState(draft: Draft, { protocol, port }: PortAt, was: Settled, is: Settled): void {
  const [before, after] = [stateAndReason(was).state, stateAndReason(is).state];
  if (before === after) return;
  const key = `${protocol} ${before} ${after}`;
  const change = draft.states.get(key) ?? { protocol, before, after, count: 0, ranges: [] };
  draft.states.set(key, change);
  change.count++;
  append(change.ranges, port);
}

/** Ports come in ascending order. */
function append(ranges: [first: PortNumber, last: PortNumber][], port: PortNumber): void {
  const last = ranges.at(-1);
  if (last && last[1] + 1 === port) last[1] = port;
  else ranges.push([port, port]);
}
