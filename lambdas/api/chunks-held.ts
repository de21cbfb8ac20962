import type { Scan } from '../../shared/domain/scan.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { unendedChunks } from '../../shared/usecases/find-missing-chunks.ts';
import { coverageKey } from '../aws/dynamo/keys.ts';
import { countActive } from '../aws/dynamo/scans.ts';
import type { Table } from '../aws/dynamo/table.ts';

export interface HeldDeps {
  readonly store: Pick<ScanStore, 'readNode'>;
  readonly table: Table;
  /** Chunks of all scans that workers hold; null where it cannot be told. */
  readonly inFlight: () => Promise<number | null>;
}

/** Chunks that are looked at, in one call of DynamoDB: a scan that shares the fleet has hardly more under way. */
const MOST_LOOKED_AT = 100;

/**
 * Chunks of the scan that workers hold. The queue tells only how many of all scans are held; of one that shares the fleet
 * with others they are those that have a record and have not ended, which a chunk has from its first second on.
 */
export async function chunksHeld({ id, plan }: Scan, { store, table, inFlight }: HeldDeps): Promise<number | null> {
  const all = await inFlight();
  if (all === null || all === 0 || (await countActive(table)) <= 1) return all;
  const span = { first: 0, end: plan.geometry.chunks };
  const unended = await unendedChunks(store, { id, plan }, span, MOST_LOOKED_AT);
  const begun = await table.getAll(unended.map((chunk) => coverageKey(id, chunk)));
  return Math.min(all, begun.length);
}
