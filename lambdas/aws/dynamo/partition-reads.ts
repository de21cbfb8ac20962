import { type ChunkNumber, chunkNumber, type ScanId } from '../../../shared/domain/units.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { type CoverageItem, coverageOf } from './coverage.ts';
import { type FindingsItem, findingsOf } from './findings.ts';
import { CHUNKS_PER_PARTITION, chunkName, chunkNameOf, chunkPartition, coverageKey } from './keys.ts';
import type { ItemKey, Table } from './table.ts';

type Reads = Pick<ScanStore, 'readCoverage' | 'readFindings'>;

/** The items of a partition, by the chunk that they belong to. */
type Partition = ReadonlyMap<string, readonly ItemKey[]>;

/**
 * Reads for one who goes through the chunks of a scan in order, when they are not written to any more: 32 chunks with
 * one query where two reads a chunk would be 64, and the next 32 while these are looked at. A scan of 10⁶ chunks could
 * not be read in the time of a function otherwise. Not for a scan that runs: what is held is as old as its first chunk.
 */
export function makePartitionReads(table: Table): Reads {
  const held = new Map<string, Promise<Partition>>();
  const load = (pk: string): Promise<Partition> => {
    const loading = held.get(pk) ?? loadPartition(table, pk);
    held.set(pk, loading);
    // What was read ahead for nothing is not waited for; whoever does hears of its failure.
    loading.catch(() => held.delete(pk));
    return loading;
  };
  const begin = (id: ScanId, chunk: ChunkNumber): void => {
    const next = chunkPartition(id, chunkNumber(chunk + CHUNKS_PER_PARTITION));
    for (const pk of held.keys()) if (pk !== chunkPartition(id, chunk)) held.delete(pk);
    load(chunkPartition(id, chunk));
    load(next);
  };
  const itemsOf = async (id: ScanId, chunk: ChunkNumber): Promise<readonly ItemKey[]> =>
    (await load(chunkPartition(id, chunk))).get(chunkName(chunk)) ?? [];
  return {
    readCoverage: async (id, chunk) => {
      if (chunk === 0) held.clear();
      if (chunk % CHUNKS_PER_PARTITION === 0) begin(id, chunk);
      const { sk } = coverageKey(id, chunk);
      const item = (await itemsOf(id, chunk)).find((each) => each.sk === sk);
      return item && coverageOf(chunk, item as CoverageItem);
    },
    readFindings: async (id, chunk) => {
      const { sk } = coverageKey(id, chunk);
      return findingsOf((await itemsOf(id, chunk)).filter((each) => each.sk !== sk) as FindingsItem[]);
    },
  };
}

async function loadPartition(table: Table, pk: string): Promise<Partition> {
  const items = new Map<string, ItemKey[]>();
  for await (const item of table.query(pk)) {
    const chunk = chunkNameOf(item);
    items.set(chunk, [...(items.get(chunk) ?? []), item]);
  }
  return items;
}
