import { chunkNumber, type ScanId } from '../../shared/domain/units.ts';
import { depthOf, nodesOfLevel, treeShape } from '../../shared/plan/completion-tree.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type ItemKey, keyOf } from './attributes.ts';
import {
  activeKey,
  CHUNKS_PER_PARTITION,
  chunkPartition,
  hintsPartition,
  listedKey,
  nodeKey,
  scanKey,
  sweepKey,
} from './keys.ts';
import type { Table } from './table.ts';

/** Partitions emptied at a time. */
const AT_ONCE = 16;

/**
 * Deletes what hangs on a scan, and the scan itself last: a deletion that dies half-way leaves a scan that can be
 * deleted again. Its chunks and nodes are known from the plan, so nothing has to be searched.
 */
export function makeDeletion(table: Table, readScan: ScanStore['readScan']): Pick<ScanStore, 'deleteScan'> {
  return {
    deleteScan: async (id) => {
      const scan = await readScan(id);
      if (!scan) return;
      const { chunks } = scan.plan.geometry;
      for (let first = 0; first < chunks; first += AT_ONCE * CHUNKS_PER_PARTITION) {
        const partitions = Array.from({ length: AT_ONCE }, (_, nth) => first + nth * CHUNKS_PER_PARTITION);
        const some = partitions.filter((chunk) => chunk < chunks);
        await Promise.all(some.map((chunk) => emptyPartition(table, chunkPartition(id, chunkNumber(chunk)))));
      }
      await emptyPartition(table, hintsPartition(id));
      await table.deleteAll([...nodeKeys(id, chunks)]);
      await table.deleteAll([sweepKey(id), listedKey(id), activeKey(id), scanKey(id)]);
    },
  };
}

async function emptyPartition(table: Table, pk: string): Promise<void> {
  const keys: ItemKey[] = [];
  for await (const item of table.query(pk, { only: ['pk', 'sk'] })) keys.push(keyOf(item));
  await table.deleteAll(keys);
}

function* nodeKeys(id: ScanId, chunks: number): Generator<ItemKey> {
  const shape = treeShape(chunks);
  for (let level = 1; level <= depthOf(shape); level++) {
    for (let index = 0; index < nodesOfLevel(shape, level); index++) yield nodeKey(id, { level, index });
  }
}
