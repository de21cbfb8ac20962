import { chunkNumber } from '../shared/domain/units.ts';
import { nodeSize, rootOf, slotPath, treeShape } from '../shared/plan/completion-tree.ts';
import type { TreeNode } from '../shared/seams/scan-store.ts';

/** The completion tree as sets of slots, like the table has it. */
export interface Completion {
  /** Adds a chunk, as often as one likes. Gives the nodes that were written. */
  add(chunk: number): readonly TreeNode[];
  isFull(): boolean;
  /** Chunks that have ended. */
  ended(): number;
}

/** Follows `completeChunk`: up to the first node that is not full. */
export function makeCompletion(chunks: number): Completion {
  const shape = treeShape(chunks);
  const root = rootOf(shape);
  const nodes = new Map<number, Set<number>>();
  const placeOf = ({ level, index }: TreeNode): number => level * 2 ** 24 + index;
  let ended = 0;
  return {
    add(chunk) {
      const written: TreeNode[] = [];
      for (const { node, slot } of slotPath(shape, chunkNumber(chunk))) {
        const done = nodes.get(placeOf(node)) ?? new Set();
        nodes.set(placeOf(node), done);
        if (node.level === 1 && !done.has(slot)) ended += 1;
        done.add(slot);
        written.push(node);
        if (done.size < nodeSize(shape, node)) break;
      }
      return written;
    },
    isFull: () => nodes.get(placeOf(root))?.size === nodeSize(shape, root),
    ended: () => ended,
  };
}
