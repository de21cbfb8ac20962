import type { ScanId } from '../domain/units.ts';

/** Neighbouring chunks of a scan that are not on the queue yet: `count` of them, from `first` on. */
export interface ChunkRange {
  readonly scanId: ScanId;
  readonly first: number;
  readonly count: number;
}

/** Where ranges wait to be cut up and sent out; at-least-once, in any order. */
export interface RangeQueue {
  send(ranges: readonly ChunkRange[]): Promise<void>;
}
