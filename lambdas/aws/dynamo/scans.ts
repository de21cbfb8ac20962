import type { Scan } from '../../../shared/domain/scan.ts';
import { isOver, mayBecome, type ScanStatus } from '../../../shared/domain/scan-status.ts';
import { chunkNumber, type EpochMillis, type ScanId } from '../../../shared/domain/units.ts';
import { depthOf, nodesOfLevel, treeShape } from '../../../shared/plan/completion-tree.ts';
import { summaryText } from '../../../shared/records/stored-summary.ts';
import type { Reopened, ScanStore } from '../../../shared/seams/scan-store.ts';
import { isReadable } from './item-layout.ts';
import {
  ACTIVE,
  activeKey,
  CHUNKS_PER_PARTITION,
  chunkPartition,
  hintsPartition,
  LISTED,
  listedKey,
  nodeKey,
  scanKey,
  sweepKey,
  usageKey,
} from './keys.ts';
import type { Retention } from './retention.ts';
import { type ScanAttributes, scanItem, scanOf } from './scan-item.ts';
import type { Item, ItemKey, Table } from './table.ts';

type Scans = Pick<
  ScanStore,
  'createScan' | 'readScan' | 'listScans' | 'changeStatus' | 'finishScan' | 'failScan' | 'reopenScan' | 'deleteScan'
>;

/** Moves a scan on under the condition that it still has the status it comes from; false where it has not. */
const makeMove =
  (table: Table) =>
  async (id: ScanId, from: ScanStatus, to: ScanStatus, at: EpochMillis, more: Partial<ScanAttributes> = {}) => {
    if (!mayBecome(from, to)) throw new RangeError(`a scan never goes from ${from} to ${to}`);
    const set = { status: to, ...(isOver(to) && { finishedAt: at }), ...more };
    const moved = await table.update(scanKey(id), {
      expression: `SET ${Object.keys(set)
        .map((name) => `#${name} = :${name}`)
        .join(', ')}`,
      condition: '#status = :from',
      names: Object.fromEntries(Object.keys(set).map((name) => [`#${name}`, name])),
      values: { ':from': from, ...Object.fromEntries(Object.entries(set).map(([name, v]) => [`:${name}`, v])) },
    });
    if (moved && isOver(to)) await table.deleteAll([activeKey(id)]);
    return moved !== undefined;
  };

/**
 * The entries for the list and for the sweeper are written before the scan, and the sweeper's is removed after the end:
 * a process that dies in between leaves an entry too many, which readers find to stand for nothing, never one too few.
 */
export function makeScans(table: Table, retention: Retention): Scans {
  const move = makeMove(table);
  const readScan = async (id: ScanId): Promise<Scan | undefined> => {
    const item = await table.get<ScanAttributes>(scanKey(id));
    return item && !retention.isOver(item) ? scanOf(item) : undefined;
  };

  return {
    createScan: async (scan) => {
      const expires = retention.expires();
      const entry = (key: ItemKey): Item => ({ ...key, expires });
      const item = { ...scanItem(scan, expires) };
      await table.putAll([entry(listedKey(scan.id)), ...(isOver(scan.status) ? [] : [entry(activeKey(scan.id))])]);
      return table.put(item, { condition: 'attribute_not_exists(pk)' });
    },
    readScan,
    listScans: async ({ limit, cursor, prefix = '' }) => {
      const entries = table.query(LISTED, {
        prefix,
        newestFirst: true,
        limit: limit + 1,
        ...(cursor !== undefined && { behind: cursor }),
      });
      const ids = (await collect(entries)).map(({ sk }) => sk as ScanId);
      const page = ids.slice(0, limit);
      const found = await readScans(table, retention, page);
      const items = page.flatMap((id) => found.get(id) ?? []);
      return { items, cursor: ids.length > limit ? (page.at(-1) ?? null) : null };
    },
    changeStatus: (id, from, to, at) => move(id, from, to, at),
    finishScan: (id, to, summary, at) => move(id, 'finalizing', to, at, { summary: summaryText(summary) }),
    failScan: (id, from, failure, at) => move(id, from, 'failed', at, { failure: failure.slice(0, MOST_REASON) }),
    reopenScan: (id, from, by) => reopen(table, retention, id, from, by),
    deleteScan: async (id) => {
      const scan = await readScan(id);
      if (scan) await deleteScan(table, scan);
    },
  };
}

/**
 * The sweeper may look between the two writes, and forget a scan that is not running yet: so it is told twice. The client
 * of DynamoDB repeats a call whose answer was lost, and the repeat finds its own mark.
 */
async function reopen(table: Table, retention: Retention, id: ScanId, from: Reopened, by: string): Promise<boolean> {
  const entry: Item = { ...activeKey(id), expires: retention.expires() };
  await table.put(entry);
  const reopened = await table.update(scanKey(id), {
    expression: 'SET #status = :running, reopenedBy = :by REMOVE summary, failure, finishedAt',
    condition: '#status = :from OR (#status = :running AND reopenedBy = :by)',
    names: { '#status': 'status' },
    values: { ':running': 'running', ':from': from, ':by': by },
  });
  if (reopened) await table.put(entry);
  return reopened !== undefined;
}

async function readScans(table: Table, retention: Retention, ids: readonly ScanId[]): Promise<Map<ScanId, Scan>> {
  const items = await table.getAll<ScanAttributes>(ids.map(scanKey));
  // A list shows what this version can read.
  const shown = items.filter((item) => !retention.isOver(item) && isReadable(item));
  return new Map(shown.map((item) => [item.pk as ScanId, scanOf(item)]));
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The scans that may not be over, oldest first; for the sweeper. */
export async function* activeScans(table: Table): AsyncGenerator<ScanId> {
  for await (const { sk } of table.query(ACTIVE)) yield sk as ScanId;
}

/** More scans than this share a fleet as so many do. */
const MOST_COUNTED = 100;

/** How many scans share the fleet now. */
export async function countActive(table: Table): Promise<number> {
  return (await collect(table.query(ACTIVE, { limit: MOST_COUNTED, only: ['sk'] }))).length;
}

/** The scan is over, or was never there: the sweeper need not read it again. */
export const forgetActive = (table: Table, id: ScanId): Promise<void> => table.deleteAll([activeKey(id)]);

/** Characters of a reason: a sentence or two. */
const MOST_REASON = 1_000;

/** Partitions emptied at a time. */
const AT_ONCE = 16;

/**
 * Deletes what hangs on a scan, and the scan itself last: a deletion that dies half-way leaves a scan that can be
 * deleted again. Its chunks and nodes are known from the plan, so nothing has to be searched.
 */
async function deleteScan(table: Table, { id, plan: { geometry } }: Scan): Promise<void> {
  const { chunks } = geometry;
  for (let first = 0; first < chunks; first += AT_ONCE * CHUNKS_PER_PARTITION) {
    const partitions = Array.from({ length: AT_ONCE }, (_, nth) => first + nth * CHUNKS_PER_PARTITION);
    const some = partitions.filter((chunk) => chunk < chunks);
    await Promise.all(some.map((chunk) => emptyPartition(table, chunkPartition(id, chunkNumber(chunk)))));
  }
  await emptyPartition(table, hintsPartition(id));
  await table.deleteAll([...nodeKeys(id, chunks)]);
  await table.deleteAll([sweepKey(id), listedKey(id), activeKey(id), scanKey(id)]);
}

async function emptyPartition(table: Table, pk: string): Promise<void> {
  await table.deleteAll(await collect(table.query(pk, { only: ['pk', 'sk'] })));
}

function* nodeKeys(id: ScanId, chunks: number): Generator<ItemKey> {
  const shape = treeShape(chunks);
  for (let level = 1; level <= depthOf(shape); level++) {
    for (let index = 0; index < nodesOfLevel(shape, level); index++) {
      yield nodeKey(id, { level, index });
      if (level === 1) yield usageKey(id, index);
    }
  }
}
