import { CHUNKS_PER_PARTITION, chunkPartition } from '../lambdas/aws/dynamo/keys.ts';
import { chunkNumber, type ScanId } from '../shared/domain/units.ts';
import { FLUSH_EVERY } from '../shared/usecases/flush-while-running.ts';
import { FLUSHES_PER_CHECKPOINT } from '../shared/usecases/run-chunk.ts';
import { NEW_TABLE_PARTITIONS, WRITE_UNIT_BYTES } from './aws-figures.ts';

/**
 * Bytes of a chunk's coverage record: its keys, counts and tally, and the deflated verdicts. Half-way through, the
 * shuffled verdicts are as hard to pack as they get; at the end runs are long. A test weighs real records against both.
 */
const RECORD_BYTES = 240;
const BYTES_A_PROBE_HALFWAY = 0.28;
const BYTES_A_PROBE_AT_THE_END = 0.145;

const unitsOf = (bytes: number): number => Math.ceil(bytes / WRITE_UNIT_BYTES);

/** Write units of a checkpoint of a chunk with so many probes, and of its last record. */
export const checkpointUnits = (probes: number): number => unitsOf(RECORD_BYTES + probes * BYTES_A_PROBE_HALFWAY);
export const recordUnits = (probes: number): number => unitsOf(RECORD_BYTES + probes * BYTES_A_PROBE_AT_THE_END);

/** Write units of the records of one delivery: a checkpoint a second, and the last one. */
export function coverageUnits(probes: number, seconds: number): number {
  const every = (FLUSH_EVERY * FLUSHES_PER_CHECKPOINT) / 1_000;
  return Math.floor(seconds / every) * checkpointUnits(probes) + recordUnits(probes);
}

/** Items that hold the findings of one delivery: those of one flush lie in one, so many found ports make fewer of them. */
export function findingUnits(found: number, seconds: number): number {
  const flushes = Math.max(1, (seconds * 1_000) / FLUSH_EVERY);
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
