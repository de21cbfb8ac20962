import type { Scan } from '../domain/scan.ts';
import type { ChunkNumber } from '../domain/units.ts';
import { nodeSize, slotPath, treeShape } from '../plan/completion-tree.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';

export interface CompletionDeps {
  readonly store: Pick<ScanStore, 'addToNode' | 'changeStatus'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** Slots of a node; every caller of one scan must say the same. Left out: COMPLETION_FAN_IN. */
  readonly fanIn?: number;
}

/**
 * Says that a chunk has ended: with its findings and coverage stored (`settled`), or given up after its last delivery,
 * or with hosts whose time was up (`failed`: what may be taken up again). To be called after those writes. True when this very call moved the scan from running to finalizing,
 * which happens once whatever is repeated, and only when every chunk has ended.
 *
 * A worker that dies anywhere in here leaves its message on the queue. Whoever gets it next adds the same slots again,
 * which changes nothing, finds the node still full, and goes on up: that is the repair.
 */
export async function completeChunk(
  { store, clock, fanIn }: CompletionDeps,
  scan: Pick<Scan, 'id' | 'plan'>,
  chunk: ChunkNumber,
  ending: 'settled' | 'failed',
): Promise<boolean> {
  const shape = treeShape(scan.plan.geometry.chunks, fanIn);
  for (const { node, slot } of slotPath(shape, chunk)) {
    // Above the leaves a slot only says that the node below is full; how its chunks ended is told down there.
    const failed = ending === 'failed' && node.level === 1;
    const { done } = await store.addToNode(scan.id, node, slot, failed);
    if (done.size < nodeSize(shape, node)) return false;
  }
  return store.changeStatus(scan.id, 'running', 'finalizing', clock.wall());
}
