import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkNumber } from '../../../shared/domain/units.ts';
import {
  childOf,
  depthOf,
  missingSlots,
  nodeSize,
  rootOf,
  slotPath,
  type TreeShape,
  treeShape,
} from '../../../shared/plan/completion-tree.ts';

const shapes = fc
  .record({ chunks: fc.integer({ min: 1, max: 700 }), fanIn: fc.integer({ min: 2, max: 20 }) })
  .map(({ chunks, fanIn }) => treeShape(chunks, fanIn));

const everyChunk = ({ chunks }: TreeShape): number[] => Array.from({ length: chunks }, (_, at) => at);

describe('The completion tree', () => {
  it.each([
    [1, 1],
    [256, 1],
    [257, 2],
    [65_536, 2],
    [65_537, 3],
    [1_000_000, 3],
    [16_777_216, 3],
    [16_777_217, 4],
  ])('of %i chunks has %i levels', (chunks, depth) => {
    expect(depthOf(treeShape(chunks))).toBe(depth);
  });

  it('leads the last of a million chunks up through three levels', () => {
    expect(slotPath(treeShape(1_000_000), chunkNumber(999_999))).toEqual([
      { node: { level: 1, index: 3_906 }, slot: 63 },
      { node: { level: 2, index: 15 }, slot: 66 },
      { node: { level: 3, index: 0 }, slot: 15 },
    ]);
    expect(nodeSize(treeShape(1_000_000), { level: 1, index: 3_906 })).toBe(64);
    expect(nodeSize(treeShape(1_000_000), { level: 2, index: 15 })).toBe(67);
    expect(nodeSize(treeShape(1_000_000), { level: 3, index: 0 })).toBe(16);
  });

  it.each([-1, 10, 1.5, Number.NaN])('has no chunk %d of 10', (chunk) => {
    expect(() => slotPath(treeShape(10), chunkNumber(chunk))).toThrow(RangeError);
  });

  it('fills every node exactly, and the root last, whatever the order of the chunks', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat()), (shape, random) => {
        const order = shuffled(everyChunk(shape), random);
        const nodes = new Map<string, Set<number>>();
        const rootFullAt: number[] = [];
        order.forEach((chunk, turn) => {
          const path = slotPath(shape, chunkNumber(chunk));
          expect(path.at(-1)?.node).toEqual(rootOf(shape));
          for (const { node, slot } of path) {
            const done = nodes.get(`${node.level}/${node.index}`) ?? new Set();
            nodes.set(`${node.level}/${node.index}`, done.add(slot));
            expect(done.size).toBeLessThanOrEqual(nodeSize(shape, node));
            if (done.size < nodeSize(shape, node)) return;
          }
          rootFullAt.push(turn);
        });
        expect(rootFullAt).toEqual([shape.chunks - 1]);
      }),
      { numRuns: 50 },
    );
  });

  it('says which slots of a node are missing', () => {
    expect(missingSlots(treeShape(10, 4), { level: 1, index: 2 }, new Set([1]))).toEqual([0]);
    expect(missingSlots(treeShape(10, 4), { level: 2, index: 0 }, new Set([0, 2]))).toEqual([1]);
    expect(missingSlots(treeShape(10, 4), { level: 1, index: 2 }, new Set([0, 1]))).toEqual([]);
    expect(missingSlots(treeShape(10, 4), { level: 1, index: 3 }, new Set())).toEqual([]);
  });

  it('leads down from a slot to what filled it', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, random) => {
        const chunk = random % shape.chunks;
        let expected = chunk;
        for (const { node, slot } of slotPath(shape, chunkNumber(chunk))) {
          expect(childOf(shape, node, slot)).toEqual({ level: node.level - 1, index: expected });
          expected = node.index;
        }
      }),
    );
  });
});

function shuffled(items: readonly number[], random: fc.Stream<number>): number[] {
  const keys = [...random.take(items.length)];
  return [...items].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}
