import { countPorts } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import type { Scan } from '../../domain/scan.ts';
import type { Address } from '../../domain/units.ts';
import type { FormatOptions, Sections } from '../formats/sections.ts';
import { diffHost, type HostDiff, isDifferent, type PortChange, type PresenceChange } from './diff-host.ts';

/*
 * The difference of two scans: two reports enter, host by host, and what changed leaves, in the order of the plan.
 * Start here; `diff-host` compares one host, `diff-words` has the sentences, and `diff-format` lists the formats.
 */

/** One of the two scans that are compared. Hosts come in the order of the plan. */
export interface DiffSide {
  /** What the user calls it: the scan's id, or the name of a file. */
  readonly label: string;
  readonly scan: Scan;
  readonly hosts: AsyncIterable<HostReport>;
}

/** Two scans and, host by host, what is different. */
export interface Diff {
  readonly before: Omit<DiffSide, 'hosts'>;
  readonly after: Omit<DiffSide, 'hosts'>;
  readonly items: AsyncIterable<HostDiff>;
}

/** A format of a difference: what it writes before the hosts, for each, and after them. */
export type MakeDiffSections = (diff: Pick<Diff, 'before' | 'after'>, options: FormatOptions) => Sections<HostDiff>;

/** The order of addresses in a plan: negative, zero or positive, as for a sort. */
export type CompareAddresses = (a: Address, b: Address) => number;

/** Compares two scans. Holds one host of each at a time. */
export const diffScans = (before: DiffSide, after: DiffSide, compare: CompareAddresses): Diff => ({
  before: { label: before.label, scan: before.scan },
  after: { label: after.label, scan: after.scan },
  items: diffItems(before, after, compare),
});

async function* diffItems(
  before: DiffSide,
  after: DiffSide,
  compare: CompareAddresses,
): AsyncGenerator<HostDiff, void, void> {
  const [lefts, rights] = [before.hosts[Symbol.asyncIterator](), after.hosts[Symbol.asyncIterator]()];
  try {
    let [left, right] = [await next(lefts), await next(rights)];
    while (left || right) {
      const order = !right ? -1 : !left ? 1 : compare(left.address, right.address);
      const item = diffHost(
        { host: order <= 0 ? left : undefined, scan: before.scan },
        { host: order >= 0 ? right : undefined, scan: after.scan },
      );
      if (item) yield item;
      if (order <= 0) left = await next(lefts);
      if (order >= 0) right = await next(rights);
    }
  } finally {
    await Promise.all([lefts.return?.(), rights.return?.()]);
  }
}

async function next(hosts: AsyncIterator<HostReport>): Promise<HostReport | undefined> {
  const { done, value } = await hosts.next();
  return done ? undefined : value;
}

/** What a difference comes to. */
export interface DiffTally {
  readonly newlyOpen: number;
  readonly noLongerOpen: number;
  readonly otherService: number;
  readonly openNotKnownBefore: number;
  readonly openNotKnownAfter: number;
  readonly otherState: number;
  readonly came: number;
  readonly went: number;
  /** Hosts that are up in one scan, and not there in the other. */
  readonly appeared: number;
  readonly vanished: number;
  /** Hosts of both scans. */
  readonly hosts: number;
  /** Hosts of one scan alone. */
  readonly hostsNotCompared: number;
  /** Ports that both scans settled. */
  readonly compared: number;
  readonly notCompared: number;
  /** Ports that were open, and that the later scan did not probe. */
  readonly openNotCompared: number;
  /** Hosts of which both scans know whether they are up. */
  readonly presenceCompared: number;
}

export const NOTHING_COMPARED: DiffTally = {
  newlyOpen: 0,
  noLongerOpen: 0,
  otherService: 0,
  openNotKnownBefore: 0,
  openNotKnownAfter: 0,
  otherState: 0,
  came: 0,
  went: 0,
  appeared: 0,
  vanished: 0,
  hosts: 0,
  hostsNotCompared: 0,
  compared: 0,
  notCompared: 0,
  openNotCompared: 0,
  presenceCompared: 0,
};

/** The tally with one host more. */
export function addToTally(tally: DiffTally, item: HostDiff): DiffTally {
  const ofKind = (kind: PortChange['kind']): number =>
    item.changes.reduce((sum, change) => sum + (change.kind === kind ? 1 : 0), 0);
  const isPresence = (presence: PresenceChange): number => (item.presence === presence ? 1 : 0);
  const { before, after, neither } = item.notCompared;
  const isBoth = item.kind === 'both';
  return {
    newlyOpen: tally.newlyOpen + ofKind('newly-open'),
    noLongerOpen: tally.noLongerOpen + ofKind('no-longer-open'),
    otherService: tally.otherService + ofKind('other-service'),
    openNotKnownBefore: tally.openNotKnownBefore + ofKind('open-not-known-before'),
    openNotKnownAfter: tally.openNotKnownAfter + ofKind('open-not-known-after'),
    otherState: tally.otherState + item.states.reduce((sum, { count }) => sum + count, 0),
    came: tally.came + isPresence('came'),
    went: tally.went + isPresence('went'),
    appeared: tally.appeared + isPresence('appeared'),
    vanished: tally.vanished + isPresence('vanished'),
    hosts: tally.hosts + (isBoth ? 1 : 0),
    hostsNotCompared: tally.hostsNotCompared + (isBoth ? 0 : 1),
    compared: tally.compared + item.compared,
    notCompared: tally.notCompared + (isBoth ? countPorts(before) + countPorts(after) + countPorts(neither) : 0),
    openNotCompared: tally.openNotCompared + countPorts(item.openBefore),
    presenceCompared: tally.presenceCompared + (item.presenceCompared ? 1 : 0),
  };
}

/**
 *   different       something changed
 *   same            something was compared, and all of it is as it was
 *   not-comparable  no change was seen, but nothing could be compared, or the later scan did not probe what was open
 */
export type DiffVerdict = 'different' | 'same' | 'not-comparable';

/** Passes the items on and knows afterwards what they come to, for the exit code. */
export function watchDifferences(items: AsyncIterable<HostDiff>): {
  readonly items: AsyncIterable<HostDiff>;
  verdict(): DiffVerdict;
} {
  let differs = false;
  let tally = NOTHING_COMPARED;
  async function* watched(): AsyncGenerator<HostDiff, void, void> {
    for await (const item of items) {
      differs ||= isDifferent(item);
      tally = addToTally(tally, item);
      yield item;
    }
  }
  return { items: watched(), verdict: () => (differs ? 'different' : isComparable(tally) ? 'same' : 'not-comparable') };
}

/** Enough was compared for "nothing is different" to mean something. */
export const isComparable = ({ compared, presenceCompared, openNotCompared }: DiffTally): boolean =>
  compared + presenceCompared > 0 && openNotCompared === 0;
