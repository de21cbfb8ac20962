import { COMPLETION_FAN_IN } from '../shared/domain/limits.ts';
import type { ScanId } from '../shared/domain/units.ts';
import { NEW_TABLE_PARTITIONS } from './aws-figures.ts';
import type { Peaks } from './fleet-run.ts';
import { makeRateMeter, makeSecondMeter } from './meters.ts';
import { keyOf, keysFor, partitionOfChunk } from './records.ts';

/** What goes on in a second of a delivery. */
export interface Flow {
  readonly chunk: number;
  readonly attempts: number;
  readonly writeUnits: number;
}

/** Watches the busiest seconds of a scan. */
export interface Gauges {
  begins(flow: Flow, at: number): void;
  ends(flow: Flow): void;
  sent(at: number): void;
  /** A chunk was added to its leaf of the completion tree. */
  added(leaf: number, at: number): void;
  peaks(): Peaks;
}

export function makeGauges(id: ScanId, chunks: number): Gauges {
  const keys = keysFor(chunks);
  const partitions = new Int8Array(keys).fill(-1);
  const partitionOf = (chunk: number): number => {
    const key = keyOf(chunk);
    if (partitions[key] === -1) partitions[key] = partitionOfChunk(id, chunk);
    return partitions[key] ?? 0;
  };
  const [attempts, writes] = [makeRateMeter(1), makeRateMeter(1)];
  const [perPartition, perKey] = [makeRateMeter(NEW_TABLE_PARTITIONS), makeRateMeter(keys)];
  const [starts, sends] = [makeSecondMeter(1), makeSecondMeter(1)];
  const perLeaf = makeSecondMeter(Math.ceil(chunks / COMPLETION_FAN_IN));
  const change = (flow: Flow, sign: 1 | -1): void => {
    attempts.change(0, sign * flow.attempts);
    writes.change(0, sign * flow.writeUnits);
    perPartition.change(partitionOf(flow.chunk), sign * flow.writeUnits);
    perKey.change(keyOf(flow.chunk), sign * flow.writeUnits);
  };
  return {
    begins(flow, at) {
      starts.count(0, at);
      change(flow, 1);
    },
    ends: (flow) => change(flow, -1),
    sent: (at) => sends.count(0, at),
    added: (leaf, at) => perLeaf.count(leaf, at),
    peaks: () => ({
      attempts: attempts.peak(),
      starts: starts.peak(),
      sends: sends.peak(),
      writes: writes.peak(),
      partitionWrites: perPartition.peak(),
      chunkKeyWrites: perKey.peak(),
      nodeWrites: perLeaf.peak(),
    }),
  };
}
