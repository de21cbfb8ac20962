import type { Scan } from '../domain/scan.ts';
import { chunkNumber } from '../domain/units.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** A chunk takes some 5 ms in DynamoDB: with 16 at once, so many take a second or two of the function that judges a watch. */
const MOST_CHUNKS = 4_096;
const AT_ONCE = 16;

/**
 * Makes what is stored of a scan that is over as small as it gets: its findings came in as they were seen, a few in each
 * record. A scan of very many chunks stays as it is; its records are full.
 */
export async function compactScan({ id, plan }: Scan, store: Pick<ScanStore, 'compactFindings'>): Promise<void> {
  const { chunks } = plan.geometry;
  if (chunks > MOST_CHUNKS) return;
  for (let first = 0; first < chunks; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, chunks - first) }, (_, nth) => chunkNumber(first + nth));
    await Promise.all(some.map((chunk) => store.compactFindings(id, chunk)));
  }
}
