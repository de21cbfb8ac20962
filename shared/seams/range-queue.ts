import type { ScanId } from '../domain/units.ts';

/** Neighbouring chunks of a scan that are not on the queue yet: `count` of them, from `first` on. */
export interface ChunkRange {
  readonly scanId: ScanId;
  readonly first: number;
  readonly count: number;
  /**
   * How often these chunks were sent before. It becomes part of each message's key, because for five minutes SQS takes
   * no message again under a key that it knows, also when the first one is long gone.
   */
  readonly generation: number;
}

/** Where ranges wait to be cut up and sent out; at-least-once, in any order. */
export interface RangeQueue {
  send(ranges: readonly ChunkRange[]): Promise<void>;
}
