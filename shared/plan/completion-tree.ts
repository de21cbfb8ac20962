import { COMPLETION_FAN_IN } from '../domain/limits.ts';
import type { ChunkNumber } from '../domain/units.ts';
import type { TreeNode } from '../seams/scan-store.ts';

/**
 * Which nodes tell that all chunks of a scan are complete. A node of level 1 collects chunk numbers, `fanIn` of them;
 * a node of the next level collects the full nodes below it; the root is the one node of the last level.
 *
 *   level 2 (root)         node 0: slots 0 … 3                     10 chunks, fan-in 4
 *                     ┌─────────┼────────┐
 *   level 1       node 0     node 1    node 2
 *   chunks       0 1 2 3    4 5 6 7     8 9
 *
 * Everything here is arithmetic over the number of chunks: 256 chunks need one level, 65,536 two, 16.7 million three.
 */
export interface TreeShape {
  readonly chunks: number;
  readonly fanIn: number;
}

export const treeShape = (chunks: number, fanIn: number = COMPLETION_FAN_IN): TreeShape => ({ chunks, fanIn });

/** What has to be written for a chunk, or a full node, to count. */
export interface TreeSlot {
  readonly node: TreeNode;
  readonly slot: number;
}

/** Levels from the chunks up to the root; at least one. */
export function depthOf({ chunks, fanIn }: TreeShape): number {
  let depth = 1;
  for (let nodes = Math.ceil(chunks / fanIn); nodes > 1; nodes = Math.ceil(nodes / fanIn)) depth++;
  return depth;
}

/**
 * The slots of a chunk from its leaf up to the root.
 *
 * @throws RangeError for a number the scan does not have: a slot that is not expected would make a node look full.
 */
export function slotPath(shape: TreeShape, chunk: ChunkNumber): TreeSlot[] {
  if (!Number.isInteger(chunk) || chunk < 0 || chunk >= shape.chunks) {
    throw new RangeError(`chunk ${chunk} is not one of ${shape.chunks}`);
  }
  const path: TreeSlot[] = [];
  let below: number = chunk;
  for (let level = 1; level <= depthOf(shape); level++) {
    const index = Math.floor(below / shape.fanIn);
    path.push({ node: { level, index }, slot: below % shape.fanIn });
    below = index;
  }
  return path;
}

/** How many nodes a level has. */
export function nodesOfLevel({ chunks, fanIn }: TreeShape, level: number): number {
  let nodes = chunks;
  for (let at = 1; at <= level; at++) nodes = Math.ceil(nodes / fanIn);
  return nodes;
}

/** How many slots a full node holds; the last node of a level may have fewer than the fan-in. */
export function nodeSize({ chunks, fanIn }: TreeShape, { level, index }: TreeNode): number {
  let below = chunks;
  for (let at = 1; at < level; at++) below = Math.ceil(below / fanIn);
  return Math.max(0, Math.min(fanIn, below - index * fanIn));
}

export const rootOf = (shape: TreeShape): TreeNode => ({ level: depthOf(shape), index: 0 });

/** The slots a node waits for, in order. */
export function missingSlots(shape: TreeShape, node: TreeNode, done: ReadonlySet<number>): number[] {
  const every = Array.from({ length: nodeSize(shape, node) }, (_, slot) => slot);
  return every.filter((slot) => !done.has(slot));
}

/** What a slot stands for: a node of the level below, or on level 1 a chunk, its number as the index of level 0. */
export const childOf = ({ fanIn }: TreeShape, { level, index }: TreeNode, slot: number): TreeNode => ({
  level: level - 1,
  index: index * fanIn + slot,
});
