import { CHUNKS_PER_PARTITION, chunkPartition } from '../lambdas/aws/dynamo/keys.ts';
import { FLEET_FLUSH_EVERY } from '../shared/domain/limits.ts';
import { chunkNumber, type ScanId } from '../shared/domain/units.ts';
import { checkpointUnits, recordUnits } from '../shared/plan/record-units.ts';
import { CHECKPOINT_EVERY } from '../shared/usecases/run-chunk.ts';
import { NEW_TABLE_PARTITIONS } from './aws-figures.ts';

/** Write units of the records of one delivery: a checkpoint a second, and the last one. */
export function coverageUnits(probes: number, seconds: number): number {
  const every = CHECKPOINT_EVERY / 1_000;
  return Math.floor(seconds / every) * checkpointUnits(probes) + recordUnits(probes);
}

/** Items that hold the findings of one delivery: those of one flush lie in one, so many found ports make fewer of them. */
export function findingUnits(found: number, seconds: number): number {
  const flushes = Math.max(1, (seconds * 1_000) / FLEET_FLUSH_EVERY);
  return flushes * (1 - Math.exp(-found / flushes));
}

/** The keys under which neighbouring chunks write, by number from 0. */
export const keyOf = (chunk: number): number => Math.floor(chunk / CHUNKS_PER_PARTITION);
export const keysFor = (chunks: number): number => keyOf(chunks - 1) + 1;

/** Which partition of a new table holds the records of a chunk: DynamoDB's hash is not known, this is one. */
export const partitionOfChunk = (id: ScanId, chunk: number): number => hashed(chunkPartition(id, chunkNumber(chunk)));

/** FNV-1a over the key, stirred so that keys that differ in their last digit lie far apart. */
function hashed(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % NEW_TABLE_PARTITIONS;
}
