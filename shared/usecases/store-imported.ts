import type { ChunkCoverage } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/**
 * Keeps a scan that another program made, or ours elsewhere; false if it is kept already. It is not over until its last
 * chunk is written: an import that was killed is taken up by the next one of the same file.
 */
export async function importedInto(
  store: ScanStore,
  scan: Scan,
  chunks: AsyncIterable<{ readonly coverage: ChunkCoverage; readonly findings: readonly Finding[] }>,
): Promise<boolean> {
  const { id, status, summary, finishedAt } = scan;
  const isWhole = (status === 'complete' || status === 'complete-with-gaps') && summary && finishedAt !== null;
  const begun: Scan = isWhole ? { ...scan, status: 'finalizing', summary: null, finishedAt: null } : scan;
  if (!(await store.createScan(begun)) && (await store.readScan(id))?.status !== 'finalizing') return false;
  for await (const { coverage, findings } of chunks) {
    await store.putFindings(id, coverage.chunk, findings);
    await store.putCoverage(id, coverage);
  }
  if (isWhole) await store.finishScan(id, status, summary, finishedAt);
  return true;
}
