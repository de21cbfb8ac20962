import type { Scan } from '../domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../domain/units.ts';
import { childOf, missingSlots, rootOf, type TreeShape, treeShape } from '../plan/completion-tree.ts';
import type { ChunkQueue, Outgoing } from '../seams/chunk-queue.ts';
import type { ScanStore, TreeNode } from '../seams/scan-store.ts';
import type { CompletionDeps } from './complete-chunk.ts';

export interface SweepDeps extends CompletionDeps {
  readonly store: Pick<ScanStore, 'addToNode' | 'changeStatus' | 'readNode'>;
  readonly queue: Pick<ChunkQueue, 'send'>;
  readonly outgoingOf: (scan: Scan, chunk: ChunkNumber) => Outgoing;
}

export interface Swept {
  /** Chunks that have not ended. Each was sent again; a queue that still holds one of them did nothing about it. */
  readonly resent: number;
  /** This call moved the scan from running to finalizing. */
  readonly finished: boolean;
}

/**
 * Puts a running scan back on its way after messages were lost: a worker or a dead-letter handler can die with the
 * last message in its hands, between any two writes. The nodes of the completion tree say which chunks have not ended,
 * and exactly those are sent again. Where a node is full and the one above has not heard of it, the sweep passes it on.
 */
export async function sweepStalled(deps: SweepDeps, scan: Scan): Promise<Swept> {
  if (scan.status !== 'running') return { resent: 0, finished: false };
  const shape = treeShape(scan.plan.geometry.chunks, deps.fanIn);
  const resent = await sweepNode(deps, scan, shape, rootOf(shape));
  const finished = resent === 0 && (await deps.store.changeStatus(scan.id, 'running', 'finalizing', deps.clock.wall()));
  return { resent, finished };
}

/** Only incomplete nodes are read, one at a time. Gives the number of chunks sent; with none, the node is full now. */
async function sweepNode(deps: SweepDeps, scan: Scan, shape: TreeShape, node: TreeNode): Promise<number> {
  const { done } = await deps.store.readNode(scan.id, node);
  const missing = missingSlots(shape, node, done);
  if (node.level === 1) {
    const chunks = missing.map((slot) => chunkNumber(childOf(shape, node, slot).index));
    if (chunks.length > 0) await deps.queue.send(chunks.map((chunk) => deps.outgoingOf(scan, chunk)));
    return chunks.length;
  }
  let resent = 0;
  for (const slot of missing) {
    const resentBelow = await sweepNode(deps, scan, shape, childOf(shape, node, slot));
    if (resentBelow === 0) await deps.store.addToNode(scan.id, node, slot, false);
    resent += resentBelow;
  }
  return resent;
}
