import type { Scan } from '../domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../domain/units.ts';
import { childOf, missingSlots, rootOf, type TreeShape, treeShape } from '../plan/completion-tree.ts';
import type { ScanStore, TreeNode } from '../seams/scan-store.ts';
import type { ChunkSpan } from '../seams/usage-store.ts';
import type { CompletionDeps } from './complete-chunk.ts';

export interface SweepDeps extends CompletionDeps {
  readonly store: Pick<ScanStore, 'addToNode' | 'changeStatus' | 'readNode'>;
}

/**
 * The chunks of a running scan that have not ended, in order; for the caller to send again. Messages are lost: a worker
 * or a dead-letter handler can die with the last one in its hands, between any two writes. The nodes of the completion
 * tree say which chunks those are. Where a node is full and the one above does not know, this passes it on; where
 * nothing is missing, it moves the scan to finalizing.
 */
export async function findMissingChunks(deps: SweepDeps, scan: Scan): Promise<readonly ChunkNumber[]> {
  if (scan.status !== 'running') return [];
  const shape = treeShape(scan.plan.geometry.chunks, deps.fanIn);
  const missing = await missingBelow(deps, scan, shape, rootOf(shape));
  if (missing.length === 0) await deps.store.changeStatus(scan.id, 'running', 'finalizing', deps.clock.wall());
  return missing;
}

/** Only incomplete nodes are read, one at a time. With none missing, the node is full now. */
async function missingBelow(deps: SweepDeps, scan: Scan, shape: TreeShape, node: TreeNode): Promise<ChunkNumber[]> {
  const { done } = await deps.store.readNode(scan.id, node);
  const slots = missingSlots(shape, node, done);
  if (node.level === 1) return slots.map((slot) => chunkNumber(childOf(shape, node, slot).index));
  const missing: ChunkNumber[] = [];
  for (const slot of slots) {
    const below = await missingBelow(deps, scan, shape, childOf(shape, node, slot));
    if (below.length === 0) await deps.store.addToNode(scan.id, node, slot, false);
    for (const chunk of below) missing.push(chunk);
  }
  return missing;
}

/** The chunks of the span that have not ended, in order, the first `most`. Nodes that are full, or beside it, are not read. */
export async function unendedChunks(
  store: Pick<ScanStore, 'readNode'>,
  { id, plan }: Pick<Scan, 'id' | 'plan'>,
  { first, end }: ChunkSpan,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly ChunkNumber[]> {
  if (end <= first) return [];
  const shape = treeShape(plan.geometry.chunks);
  const unended: ChunkNumber[] = [];
  const look = async (node: TreeNode): Promise<void> => {
    const { done } = await store.readNode(id, node);
    for (const slot of missingSlots(shape, node, done)) {
      const child = childOf(shape, node, slot);
      const each = shape.fanIn ** child.level;
      if (unended.length >= most) return;
      if ((child.index + 1) * each <= first || child.index * each >= end) continue;
      if (child.level === 0) unended.push(chunkNumber(child.index));
      else await look(child);
    }
  };
  await look(rootOf(shape));
  return unended;
}
