import { codesOf, NO_PROBES, runsOf } from '../domain/coverage.ts';
import type { ChunkMessage } from '../domain/scan.ts';
import { verdictCode } from '../domain/verdict.ts';
import { chunkSize } from '../plan/split-chunks.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { completeChunk } from './complete-chunk.ts';

/**
 * The end of a chunk that failed for good: what it had settled stays, the rest is `unprobed`, and the scan can end.
 * It ends `complete-with-gaps`, and its report says which ports were not probed.
 */
export async function failChunk(deps: { store: ScanStore; clock: Clock }, message: ChunkMessage): Promise<void> {
  const scan = await deps.store.readScan(message.scanId);
  if (scan?.status !== 'running' || message.chunk >= scan.plan.geometry.chunks) return;
  const size = chunkSize(scan.plan.geometry, message.chunk);
  const before = await deps.store.readCoverage(scan.id, message.chunk);
  const codes = (before && codesOf(before.runs, size)) ?? new Uint8Array(size);
  const failed = verdictCode('unprobed/chunk-failed');
  for (let offset = 0; offset < size; offset++) if (codes[offset] === 0) codes[offset] = failed;
  await deps.store.putCoverage(scan.id, {
    chunk: message.chunk,
    runs: runsOf(codes),
    tally: before?.tally ?? NO_PROBES,
  });
  await completeChunk(deps, scan, message.chunk, 'failed');
}
