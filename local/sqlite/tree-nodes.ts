import type { ScanId } from '../../shared/domain/units.ts';
import type { NodeSlots, ScanStore, TreeNode } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';

type TreeNodes = Pick<ScanStore, 'addToNode' | 'readNode' | 'removeFromNode'>;

/**
 * A slot only ever climbs: absent → failed → done. Whichever of a dead letter and a late worker comes first, the slot
 * ends as done when anyone had an answer, so the order of arrival, which no queue promises, does not matter.
 */
export function makeTreeNodes(db: Database): TreeNodes {
  const add = db.prepare(
    `INSERT INTO tree (scan, level, node, slot, failed) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET failed = 0 WHERE failed = 1 AND excluded.failed = 0`,
  );
  // One row with two lists: libsql takes five times as long to hand over 256 rows.
  const select = db.prepare<{ done: string | null; failed: string | null }>(
    `SELECT group_concat(slot) AS done, group_concat(CASE failed WHEN 1 THEN slot END) AS failed
     FROM tree WHERE scan = ? AND level = ? AND node = ?`,
  );
  const remove = db.prepare('DELETE FROM tree WHERE scan = ? AND level = ? AND node = ? AND slot = ?');
  const read = (id: ScanId, { level, index }: TreeNode): NodeSlots => {
    const row = select.get(id, level, index);
    return { done: slotsOf(row?.done), failed: slotsOf(row?.failed) };
  };

  return {
    addToNode: async (id, node, slot, failed) =>
      db.immediate(() => {
        add.run(id, node.level, node.index, slot, failed ? 1 : 0);
        return read(id, node);
      }),
    readNode: async (id, node) => read(id, node),
    removeFromNode: async (id, node, slots) =>
      db.immediate(() => {
        for (const slot of slots) remove.run(id, node.level, node.index, slot);
      }),
  };
}

const slotsOf = (list: string | null | undefined): ReadonlySet<number> => new Set(list?.split(',').map(Number));
