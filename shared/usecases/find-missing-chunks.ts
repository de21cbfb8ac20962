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
  const unended: ChunkNumber[] = [];
  const isOver = await walkUnended(
    {
      shape,
      span: { first: 0, end: shape.chunks },
      most: Number.POSITIVE_INFINITY,
      unended,
      readNode: (node) => deps.store.readNode(scan.id, node),
      onFull: async (above, slot) => {
        await deps.store.addToNode(scan.id, above, slot, false);
      },
    },
    rootOf(shape),
  );
  if (isOver) await deps.store.changeStatus(scan.id, 'running', 'finalizing', deps.clock.wall());
  return unended;
}

/** The chunks of the span that have not ended, in order, the first `most`. */
export async function unendedChunks(
  store: Pick<ScanStore, 'readNode'>,
  { id, plan }: Pick<Scan, 'id' | 'plan'>,
  span: ChunkSpan,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly ChunkNumber[]> {
  if (span.end <= span.first) return [];
  const shape = treeShape(plan.geometry.chunks);
  const unended: ChunkNumber[] = [];
  const readNode = (node: TreeNode) => store.readNode(id, node);
  await walkUnended({ shape, span, most, unended, readNode }, rootOf(shape));
  return unended;
}

interface Walk {
  readonly shape: TreeShape;
  readonly span: ChunkSpan;
  readonly most: number;
  readonly unended: ChunkNumber[];
  readonly readNode: (node: TreeNode) => Promise<{ readonly done: ReadonlySet<number> }>;
  /** Told of each full node that the one above does not know of. */
  readonly onFull?: (above: TreeNode, slot: number) => Promise<void>;
}

/**
 * Adds the chunks below a node that have not ended, and tells whether the node is full. Nodes that the one above knows
 * to be full, or that stand beside the span, are not read; the others are, one at a time.
 */
async function walkUnended(walk: Walk, node: TreeNode): Promise<boolean> {
  const { shape, span, most, unended, readNode, onFull } = walk;
  const { done } = await readNode(node);
  let full = true;
  for (const slot of missingSlots(shape, node, done)) {
    if (unended.length >= most) return false;
    const child = childOf(shape, node, slot);
    const each = shape.fanIn ** child.level;
    const isBeside = (child.index + 1) * each <= span.first || child.index * each >= span.end;
    if (!isBeside && child.level > 0 && (await walkUnended(walk, child))) {
      await onFull?.(node, slot);
      continue;
    }
    full = false;
    if (!isBeside && child.level === 0) unended.push(chunkNumber(child.index));
  }
  return full;
}
