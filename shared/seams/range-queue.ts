import type { ScanId } from '../domain/units.ts';

/** Neighbouring chunks of a scan that are to be sent, `count` of them from `first` on, as far as they have not ended. */
export interface ChunkRange {
  readonly scanId: ScanId;
  readonly first: number;
  readonly count: number;
  /**
   * How often these chunks were sent before. It becomes part of each message's key, because for five minutes SQS takes
   * no message again under a key that it knows, also when the first one is long gone.
   */
  readonly generation: number;
  /** Chunks from here up to `first` were sent by earlier turns, and may not have ended; left out at the first turn. */
  readonly sentFrom?: number;
  /** How many chunks the last turn would have let be with the fleet at once. */
  readonly window?: number;
  /** US dollars at which the scan is stopped; left out, the limit that it was submitted with. */
  readonly costLimit?: number;
}

/** Where ranges wait for their next turn; at-least-once, in any order. */
export interface RangeQueue {
  /** Delivered after `delaySeconds`. */
  send(ranges: readonly ChunkRange[], delaySeconds?: number): Promise<void>;
}
