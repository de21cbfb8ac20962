import { type ChunkCoverage, codesOf, runsOf } from '../domain/coverage.ts';
import type { Scan } from '../domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import { missingSlots, nodesOfLevel, slotPath, type TreeShape, treeShape } from '../plan/completion-tree.ts';
import { chunkSize } from '../plan/split-chunks.ts';
import type { Reopened, ScanStore, TreeNode } from '../seams/scan-store.ts';

export interface ReopenDeps {
  readonly store: ScanStore;
  /** A text that was never given before. */
  readonly newId: () => string;
}

export interface TakeUpDeps extends ReopenDeps {
  /** As for `completeChunk`. */
  readonly fanIn?: number;
}

/**
 * Chunks taken up at once: two calls of the store each, some 10 s of a Lambda function of a quarter of a core. A scan
 * with more of them ends with gaps once more, and can be taken up again.
 */
const MOST_CHUNKS = 2_048;

/** Calls of the store under way at once. */
const AT_ONCE = 16;

/**
 * Opens a scan again that ended with gaps because chunks failed, or the time of hosts was up: what those had left over is pending once more, the
 * completion tree no longer counts them, and the scan is `running`. Gives these chunks, for the caller to send; none
 * where no chunk failed, or another process was first.
 *
 *   find failed chunks ─▶ reopen (one caller wins) ─▶ records: pending again ─▶ tree: not counted ─▶ caller sends
 *
 * A process that dies on the way leaves a running scan with chunks that count as ended: whoever looks for missing chunks
 * sends those that do not and ends the scan, with gaps, and it can be taken up again. Slots that are missing from the
 * tree of a scan that is over are such a leftover, so they are found too.
 */
export async function takeUpFailed(
  { store, fanIn, newId }: TakeUpDeps,
  scan: Scan,
  from: Reopened = 'complete-with-gaps',
): Promise<readonly ChunkNumber[]> {
  // Another program's scan has no tree, and nothing of it is ours to probe.
  if (scan.imported) return [];
  const shape = treeShape(scan.plan.geometry.chunks, fanIn);
  const chunks = await findFailed(store, scan, shape);
  if (chunks.length === 0 || !(await reopen({ store, newId }, scan, from))) return [];
  await each(chunks, async (chunk) => {
    const record = await store.readCoverage(scan.id, chunk);
    if (record) await store.replaceCoverage(scan.id, pendingAgain(scan, record));
  });
  await each(slotsByNode(shape, chunks), ({ node, slots }) => store.removeFromNode(scan.id, node, [...slots]));
  return chunks;
}

/** Calls whose answers are lost, one after the other, until the store counts as down. Its client has paused and tried before each. */
const TRIES = 3;

/** True for one of many callers. An answer that is lost is asked for again: the store knows by whom the scan was opened. */
export async function reopen({ store, newId }: ReopenDeps, { id }: Scan, from: Reopened): Promise<boolean> {
  const by = newId();
  for (let tried = 1; ; tried++) {
    try {
      return await store.reopenScan(id, from, by);
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

/** The leaves of the tree say which chunks ended as failed. */
async function findFailed(store: ScanStore, { id }: Scan, shape: TreeShape): Promise<ChunkNumber[]> {
  const chunks: ChunkNumber[] = [];
  const leaves = Array.from({ length: nodesOfLevel(shape, 1) }, (_, index): TreeNode => ({ level: 1, index }));
  for (let from = 0; from < leaves.length && chunks.length < MOST_CHUNKS; from += AT_ONCE) {
    await each(leaves.slice(from, from + AT_ONCE), async (leaf) => {
      const { done, failed } = await store.readNode(id, leaf);
      for (const slot of [...failed, ...missingSlots(shape, leaf, done)]) {
        chunks.push(chunkNumber(leaf.index * shape.fanIn + slot));
      }
    });
  }
  return chunks.sort((a, b) => a - b).slice(0, MOST_CHUNKS);
}

/** What a chunk had not told when it failed, and hosts whose time was up: they are given as much again. */
const LEFT_OVER: ReadonlySet<number> = new Set([
  verdictCode('unprobed/chunk-failed'),
  verdictCode('unprobed/host-timeout'),
]);

function pendingAgain({ plan }: Scan, { idle: _, ...record }: ChunkCoverage): ChunkCoverage {
  const codes = codesOf(record.runs, chunkSize(plan.geometry, record.chunk));
  const runs = codes ? runsOf(codes.map((code) => (LEFT_OVER.has(code) ? 0 : code))) : record.runs;
  return { ...record, runs };
}

interface NodeAndSlots {
  readonly node: TreeNode;
  readonly slots: Set<number>;
}

/** All slots that the chunks fill, from the leaves to the root, node by node. */
function slotsByNode(shape: TreeShape, chunks: readonly ChunkNumber[]): NodeAndSlots[] {
  const nodes = new Map<string, NodeAndSlots>();
  for (const { node, slot } of chunks.flatMap((chunk) => slotPath(shape, chunk))) {
    const name = `${node.level}.${node.index}`;
    const known = nodes.get(name) ?? { node, slots: new Set() };
    known.slots.add(slot);
    nodes.set(name, known);
  }
  return [...nodes.values()];
}

/** A few at a time. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map(work));
  }
}
