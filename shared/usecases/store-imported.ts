import type { ChunkCoverage } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** Keeps a scan that another program made. It is over already, so nothing but its record is written; false if its id is taken. */
export async function importedInto(
  store: ScanStore,
  scan: Scan,
  chunks: AsyncIterable<{ readonly coverage: ChunkCoverage; readonly findings: readonly Finding[] }>,
): Promise<boolean> {
  if (!(await store.createScan(scan))) return false;
  for await (const { coverage, findings } of chunks) {
    await store.putFindings(scan.id, coverage.chunk, findings);
    await store.putCoverage(scan.id, coverage);
  }
  return true;
}
