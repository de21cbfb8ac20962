import { type ChunkCoverage, codesOf, runsOf } from '../../shared/domain/coverage.ts';
import { COMPLETION_FAN_IN } from '../../shared/domain/limits.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../../shared/domain/units.ts';
import { verdictCode } from '../../shared/domain/verdict.ts';
import { slotPath, treeShape } from '../../shared/plan/completion-tree.ts';
import { chunkSize } from '../../shared/plan/split-chunks.ts';
import { makeCoverage } from './coverage.ts';
import type { Database } from './open-database.ts';

/**
 * Opens a scan again that ended with gaps because chunks failed: what those had left over is pending once more, the
 * completion tree no longer counts them, and the scan is `running`. A process that dies before it has written their
 * records again leaves chunks that are probed from the start. False where no chunk failed, or another process was first.
 */
export async function takeUpFailed(db: Database, scan: Scan): Promise<boolean> {
  const coverage = makeCoverage(db);
  const before = new Map<ChunkNumber, ChunkCoverage>();
  for (const chunk of failedChunks(db, scan)) {
    const record = await coverage.readCoverage(scan.id, chunk);
    if (record) before.set(chunk, record);
  }
  if (before.size === 0) return false;
  const forget = db.prepare('DELETE FROM coverage WHERE scan = ? AND chunk = ?');
  const uncount = db.prepare('DELETE FROM tree WHERE scan = ? AND level = ? AND node = ? AND slot = ?');
  const reopen = db.prepare(
    `UPDATE scans SET status = 'running', summary = NULL, finished_at = NULL
     WHERE id = ? AND status = 'complete-with-gaps'`,
  );
  const opened = db.immediate(() => {
    if (reopen.run(scan.id) === 0) return false;
    for (const chunk of before.keys()) {
      forget.run(scan.id, chunk);
      for (const { node, slot } of slotPath(treeShape(scan.plan.geometry.chunks), chunk)) {
        uncount.run(scan.id, node.level, node.index, slot);
      }
    }
    return true;
  });
  if (!opened) return false;
  for (const [chunk, record] of before) await coverage.putCoverage(scan.id, pendingAgain(scan, chunk, record));
  return true;
}

/** The leaves of the tree say which chunks ended as failed. */
function failedChunks(db: Database, { id }: Scan): ChunkNumber[] {
  return db
    .prepare<{ node: number; slot: number }>('SELECT node, slot FROM tree WHERE scan = ? AND level = 1 AND failed = 1')
    .all(id)
    .map(({ node, slot }) => chunkNumber(node * COMPLETION_FAN_IN + slot));
}

function pendingAgain({ plan }: Scan, chunk: ChunkNumber, record: ChunkCoverage): ChunkCoverage {
  const codes = codesOf(record.runs, chunkSize(plan.geometry, chunk));
  const failed = verdictCode('unprobed/chunk-failed');
  const runs = codes ? runsOf(codes.map((code) => (code === failed ? 0 : code))) : record.runs;
  return { ...record, runs };
}
