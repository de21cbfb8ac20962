import type { HostSide } from '../../domain/port-pairs.ts';
import { countPorts } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import type { Scan } from '../../domain/scan.ts';
import type { Address } from '../../domain/units.ts';
import type { FormatOptions, Sections } from '../formats/sections.ts';
import { diffHost, type HostDiff, isSameHost } from './diff-host.ts';

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

/** A host of at least one of the two scans. */
export type DiffItem =
  | ({ readonly kind: 'both' } & HostDiff)
  /** Only one scan has it: there is nothing to compare. */
  | { readonly kind: 'only-before' | 'only-after'; readonly address: Address; readonly names: readonly string[] };

/** Two scans and, host by host, what is different. */
export interface Diff {
  readonly before: Omit<DiffSide, 'hosts'>;
  readonly after: Omit<DiffSide, 'hosts'>;
  readonly items: AsyncIterable<DiffItem>;
}

/** A format of a difference: what it writes before the hosts, for each, and after them. */
export type MakeDiffSections = (diff: Pick<Diff, 'before' | 'after'>, options: FormatOptions) => Sections<DiffItem>;

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
): AsyncGenerator<DiffItem, void, void> {
  const [lefts, rights] = [before.hosts[Symbol.asyncIterator](), after.hosts[Symbol.asyncIterator]()];
  try {
    let [left, right] = [await next(lefts), await next(rights)];
    while (left || right) {
      const order = !right ? -1 : !left ? 1 : compare(left.address, right.address);
      if (order === 0 && left && right) yield { kind: 'both', ...diffHost(sideOf(left, before), sideOf(right, after)) };
      else if (order < 0 && left) yield { kind: 'only-before', address: left.address, names: left.names };
      else if (right) yield { kind: 'only-after', address: right.address, names: right.names };
      if (order <= 0) left = await next(lefts);
      if (order >= 0) right = await next(rights);
    }
  } finally {
    await Promise.all([lefts.return?.(), rights.return?.()]);
  }
}

const sideOf = (host: HostReport, { scan }: DiffSide): HostSide => ({ host, planned: scan.plan.ports });

async function next(hosts: AsyncIterator<HostReport>): Promise<HostReport | undefined> {
  const { done, value } = await hosts.next();
  return done ? undefined : value;
}

/** What a difference comes to. */
export interface DiffTally {
  readonly newlyOpen: number;
  readonly noLongerOpen: number;
  readonly otherService: number;
  readonly otherState: number;
  readonly came: number;
  readonly went: number;
  /** Hosts of both scans. */
  readonly hosts: number;
  /** Hosts of one scan alone. */
  readonly hostsNotCompared: number;
  /** Ports that both scans settled. */
  readonly compared: number;
  readonly notCompared: number;
}

export const NOTHING_COMPARED: DiffTally = {
  newlyOpen: 0,
  noLongerOpen: 0,
  otherService: 0,
  otherState: 0,
  came: 0,
  went: 0,
  hosts: 0,
  hostsNotCompared: 0,
  compared: 0,
  notCompared: 0,
};

/** The tally with one host more. */
export function addToTally(tally: DiffTally, item: DiffItem): DiffTally {
  if (item.kind !== 'both') return { ...tally, hostsNotCompared: tally.hostsNotCompared + 1 };
  const ofKind = (kind: (typeof item.changes)[number]['kind']): number =>
    item.changes.reduce((sum, change) => sum + (change.kind === kind ? 1 : 0), 0);
  const { before, after, neither } = item.notCompared;
  return {
    ...tally,
    newlyOpen: tally.newlyOpen + ofKind('newly-open'),
    noLongerOpen: tally.noLongerOpen + ofKind('no-longer-open'),
    otherService: tally.otherService + ofKind('other-service'),
    otherState: tally.otherState + item.states.reduce((sum, { count }) => sum + count, 0),
    came: tally.came + (item.presence === 'came' ? 1 : 0),
    went: tally.went + (item.presence === 'went' ? 1 : 0),
    hosts: tally.hosts + 1,
    compared: tally.compared + item.compared,
    notCompared: tally.notCompared + countPorts(before) + countPorts(after) + countPorts(neither),
  };
}

/** Passes the items on and knows afterwards whether any of them was a difference, for the exit code. */
export function watchDifferences(items: AsyncIterable<DiffItem>): {
  readonly items: AsyncIterable<DiffItem>;
  differs(): boolean;
} {
  let differs = false;
  async function* watched(): AsyncGenerator<DiffItem, void, void> {
    for await (const item of items) {
      if (item.kind === 'both' && !isSameHost(item)) differs = true;
      yield item;
    }
  }
  return { items: watched(), differs: () => differs };
}
