import type { ChunkNumber, ScanId } from '../domain/units.ts';
import type { Usage } from '../domain/usage.ts';

/** Chunks from `first` on, up to but not with `end`. */
export interface ChunkSpan {
  readonly first: number;
  readonly end: number;
}

/** What a fleet has used on a scan so far. Sums only: one delivery that is counted twice costs the sum that much. */
export interface UsageStore {
  /** Adds what one delivery of the chunk has used. */
  add(id: ScanId, chunk: ChunkNumber, usage: Usage): Promise<void>;
  /** The sum over all chunks that share a record with one of the span, which are its neighbours. */
  over(id: ScanId, span: ChunkSpan): Promise<Usage>;
}
