import type { ScanCost } from '../domain/cost.ts';
import { countCoverage } from '../domain/coverage.ts';
import type { Scan, ScanSummary } from '../domain/scan.ts';
import type { Millis } from '../domain/units.ts';
import { childOf, missingSlots, nodeSize, rootOf, type TreeShape, treeShape } from '../plan/completion-tree.ts';
import { type StoredProgress, storedTimeLeft } from '../plan/scan-time-left.ts';
import { plannedProbes } from '../plan/split-chunks.ts';
import type { ScanStore, TreeNode } from '../seams/scan-store.ts';
import { type AggregateDeps, summarise } from './aggregate-scan.ts';
import { readCost } from './read-cost.ts';

/** How far a scan is, at a cost that does not grow with the scan. */
export interface Progress {
  readonly planned: number;
  /** Probes that have their verdict; where there is no summary, those of whole chunks only. */
  readonly done: number;
  /** Everything counted; null where that would take too many reads. */
  readonly summary: ScanSummary | null;
  /** How long its workers expect it to take yet; null where none has told, or where that would take too many reads. */
  readonly left: Millis | null;
  /** What it has cost so far; absent where nothing is paid for. */
  readonly cost?: ScanCost | undefined;
}

/** A scan of no more chunks is counted probe by probe: two reads a chunk, at some 4 ms each on DynamoDB half a second. */
const CHUNKS_COUNTED = 64;

/** Nodes of the completion tree that are looked at in a larger scan. */
export const NODES_READ = 32;

/** Of a scan that is over, what the aggregator counted; of one that runs, what is stored so far, with so many chunks held. */
export async function readProgress(deps: AggregateDeps, scan: Scan, held = 0): Promise<Progress> {
  const planned = plannedProbes(scan.plan.geometry);
  const { chunks } = scan.plan.geometry;
  if (scan.summary || chunks <= CHUNKS_COUNTED) {
    const stored: StoredProgress[] = [];
    const now = deps.clock.wall();
    const summary =
      scan.summary ??
      (await summarise(scan, deps, scan.finishedAt ?? now, ({ chunk, runs, forecast }) => {
        stored.push({ size: chunk.size, pending: countCoverage(runs).pending, forecast });
      }));
    const left = scan.status === 'running' ? storedTimeLeft(stored, held, now) : null;
    return { planned, done: planned - summary.pending, summary, left, cost: summary.cost };
  }
  const shape = treeShape(chunks);
  const ended = await countChunks(deps.store, scan, shape, rootOf(shape), { left: NODES_READ });
  return {
    planned,
    done: Math.floor((ended / chunks) * planned),
    summary: null,
    left: null,
    cost: await readCost(scan, deps),
  };
}

/**
 * Chunks below a node that have ended: all of those under a slot that is done; of the others, what the reads that are
 * left can find. Chunks go out in order, so the first incomplete nodes are the ones that are being filled.
 */
async function countChunks(
  store: ScanStore,
  scan: Scan,
  shape: TreeShape,
  node: TreeNode,
  reads: { left: number },
): Promise<number> {
  reads.left -= 1;
  const { done } = await store.readNode(scan.id, node);
  if (node.level === 1) return done.size;
  let count = 0;
  for (const slot of done) count += chunksBelow(shape, childOf(shape, node, slot));
  for (const slot of missingSlots(shape, node, done)) {
    if (reads.left <= 0) break;
    count += await countChunks(store, scan, shape, childOf(shape, node, slot), reads);
  }
  return count;
}

/** All chunks that a node stands for; the last node of a level may stand for fewer. */
function chunksBelow(shape: TreeShape, { level, index }: TreeNode): number {
  if (level === 1) return nodeSize(shape, { level, index });
  const each = shape.fanIn ** level;
  return Math.min(each, shape.chunks - index * each);
}
