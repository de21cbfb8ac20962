import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Scan } from '../domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../domain/units.ts';
import type { Outgoing } from '../seams/chunk-queue.ts';
import { groupOf } from './split-chunks.ts';

/**
 * The messages of those chunks. `generation` says how often they were sent before: it becomes part of their keys,
 * because a queue takes no message again under a key that it still knows.
 */
export function outgoingOf(
  { id, plan }: Pick<Scan, 'id' | 'plan'>,
  chunks: Iterable<ChunkNumber>,
  generation = 0,
): Outgoing[] {
  const { at } = addressIndex(plan.addresses);
  const suffix = generation === 0 ? '' : `/again-${generation}`;
  return Array.from(chunks, (chunk) => ({
    message: { scanId: id, chunk },
    group: groupOf(plan, id, chunk, at),
    deduplicationKey: `${id}/${chunk}${suffix}`,
  }));
}

/** `count` neighbouring chunks from `first` on. */
export const chunkNumbers = (first: number, count: number): ChunkNumber[] =>
  Array.from({ length: count }, (_, nth) => chunkNumber(first + nth));
