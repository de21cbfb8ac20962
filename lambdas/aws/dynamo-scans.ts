import type { Scan } from '../../shared/domain/scan.ts';
import { isOver, mayBecome, type ScanStatus } from '../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';
import { summaryText } from '../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type Item, type ItemKey, keyItem, keyOf, number, text } from './attributes.ts';
import { ACTIVE, activeKey, LISTED, listedKey, scanKey } from './keys.ts';
import type { Retention } from './retention.ts';
import { scanItem, scanOf } from './scan-item.ts';
import type { Table } from './table.ts';

type Scans = Pick<ScanStore, 'createScan' | 'readScan' | 'listScans' | 'changeStatus' | 'finishScan'>;

/**
 * The entries for the list and for the sweeper are written before the scan, and the sweeper's is removed after the end:
 * whoever dies in between leaves an entry too many, which its readers find to stand for nothing, never one too few.
 */
export function makeScans(table: Table, retention: Retention): Scans {
  const move = async (id: ScanId, from: ScanStatus, to: ScanStatus, at: EpochMillis, more: Item = {}) => {
    if (!mayBecome(from, to)) throw new RangeError(`a scan never goes from ${from} to ${to}`);
    const set: Item = { status: text(to), ...(isOver(to) && { finishedAt: number(at) }), ...more };
    const moved = await table.update(scanKey(id), {
      expression: `SET ${Object.keys(set)
        .map((name) => `#${name} = :${name}`)
        .join(', ')}`,
      condition: '#status = :from',
      names: Object.fromEntries(Object.keys(set).map((name) => [`#${name}`, name])),
      values: { ':from': text(from), ...Object.fromEntries(Object.entries(set).map(([name, v]) => [`:${name}`, v])) },
    });
    if (moved && isOver(to)) await table.deleteAll([activeKey(id)]);
    return moved !== undefined;
  };

  return {
    createScan: async (scan) => {
      const expires = retention.expires();
      const entry = (key: ItemKey): Item => ({ ...keyItem(key), expires: number(expires) });
      const item = scanItem(scan, expires);
      await table.putAll([entry(listedKey(scan.id)), ...(isOver(scan.status) ? [] : [entry(activeKey(scan.id))])]);
      return table.put(item, { condition: 'attribute_not_exists(pk)' });
    },
    readScan: async (id) => {
      const item = await table.get(scanKey(id));
      return item && !retention.isOver(item) ? scanOf(item) : undefined;
    },
    listScans: async ({ limit, cursor, prefix = '' }) => {
      const entries = table.query(LISTED, {
        prefix,
        newestFirst: true,
        limit: limit + 1,
        ...(cursor !== undefined && { behind: cursor }),
      });
      const ids = (await collect(entries)).map((entry) => keyOf(entry).sk as ScanId);
      const page = ids.slice(0, limit);
      const found = await readScans(table, retention, page);
      const items = page.flatMap((id) => found.get(id) ?? []);
      return { items, cursor: ids.length > limit ? (page.at(-1) ?? null) : null };
    },
    changeStatus: (id, from, to, at) => move(id, from, to, at),
    finishScan: (id, to, summary, at) => move(id, 'finalizing', to, at, { summary: text(summaryText(summary)) }),
  };
}

async function readScans(table: Table, retention: Retention, ids: readonly ScanId[]): Promise<Map<ScanId, Scan>> {
  const items = await table.getAll(ids.map(scanKey));
  return new Map(
    items.filter((item) => !retention.isOver(item)).map((item) => [keyOf(item).pk as ScanId, scanOf(item)]),
  );
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The scans that may not be over, oldest first; for the sweeper. */
export async function* activeScans(table: Table): AsyncGenerator<ScanId> {
  for await (const entry of table.query(ACTIVE)) yield keyOf(entry).sk as ScanId;
}

/** The scan is over, or was never there: the sweeper need not look again. */
export const forgetActive = (table: Table, id: ScanId): Promise<void> => table.deleteAll([activeKey(id)]);
