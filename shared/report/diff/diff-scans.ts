import type { HostSide } from '../../domain/port-pairs.ts';
import type { HostReport } from '../../domain/report.ts';
import type { Scan } from '../../domain/scan.ts';
import type { Address } from '../../domain/units.ts';
import { diffHost, type HostDiff } from './diff-host.ts';

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
  /** Only one scan asked it: there is nothing to compare. */
  | { readonly kind: 'only-before' | 'only-after'; readonly address: Address; readonly names: readonly string[] };

/** Two scans and, host by host, what is different. */
export interface Diff {
  readonly before: Omit<DiffSide, 'hosts'>;
  readonly after: Omit<DiffSide, 'hosts'>;
  readonly items: AsyncIterable<DiffItem>;
}

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
