import { countPorts } from '../../domain/port-set.ts';
import { isSameHost } from './diff-host.ts';
import type { DiffItem } from './diff-scans.ts';

/** What a difference comes to. */
export interface DiffTally {
  readonly newlyOpen: number;
  readonly noLongerOpen: number;
  readonly otherService: number;
  readonly otherState: number;
  readonly came: number;
  readonly went: number;
  /** Hosts that both scans asked. */
  readonly hosts: number;
  /** Hosts that only one of them asked. */
  readonly hostsNotCompared: number;
  /** Ports of the hosts that both asked. */
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

/** Passes the items on, and tells afterwards whether any of them was a difference: what the exit code is made of. */
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
