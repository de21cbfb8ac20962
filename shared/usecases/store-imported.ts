import type { ChunkCoverage } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** Keeps a scan that somebody else made. It is over already, so nothing but its record is written. */
export async function importedInto(
  store: ScanStore,
  scan: Scan,
  chunks: Iterable<{ readonly coverage: ChunkCoverage; readonly findings: readonly Finding[] }>,
): Promise<void> {
  await store.createScan(scan);
  for (const { coverage, findings } of chunks) {
    await store.putFindings(scan.id, coverage.chunk, findings);
    await store.putCoverage(scan.id, coverage);
  }
}
