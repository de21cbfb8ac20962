import { CHUNK_VISIBILITY_SECONDS } from '../../shared/domain/limits.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { ScanStatus } from '../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';

/** What the sweeper saw of a scan, and since when it has seen nothing else. */
export interface SweepRecord {
  readonly status: ScanStatus;
  /** Chunks that have not ended. */
  readonly missing: number;
  /** Deliveries of its chunks that came to their end; absent where the chunks alone told that it moves. */
  readonly worked?: number;
  readonly since: EpochMillis;
  /** How often the missing chunks were sent again. */
  readonly generation: number;
  /** How often the sweeper has tried to aggregate the scan; absent for never. */
  readonly aggregations?: number;
}

export interface SweepRecords {
  read(id: ScanId): Promise<SweepRecord | undefined>;
  write(id: ScanId, record: SweepRecord): Promise<void>;
}

/**
 * A chunk whose worker died is delivered again when its visibility is over. One that has died twice, and a third one
 * besides, is what a scan is given before it counts as stalled; and more than the five minutes for which SQS remembers
 * the keys of messages.
 */
const STALLED_AFTER = 3 * CHUNK_VISIBILITY_SECONDS * 1_000;

/** The pause doubles so often, up to two days: a fleet that is merely busy must not be fed the same chunks for ever. */
const MOST_DOUBLINGS = 8;

/** What the sweeper sees of a scan now. */
export type SeenNow = Pick<SweepRecord, 'status' | 'missing' | 'worked'>;

/**
 * Does only what was worked tell whether it moves? A slow scan may end no chunk for hours, while workers put them down and
 * take them up again. Of a scan of 10⁶ chunks that is 40 reads, so it is asked only then.
 */
export const seemsToStand = (before: SweepRecord | undefined, seen: SeenNow): before is SweepRecord =>
  before?.status === seen.status && before.missing === seen.missing;

const hasMoved = (before: SweepRecord | undefined, seen: SeenNow): boolean =>
  !seemsToStand(before, seen) || before.worked !== seen.worked;

/** Is it time to do something about it? */
export function isStalled(before: SweepRecord, seen: SeenNow, now: EpochMillis): boolean {
  if (hasMoved(before, seen)) return false;
  return now - before.since >= STALLED_AFTER * 2 ** Math.min(before.generation, MOST_DOUBLINGS);
}

/** The record to keep when something is done. */
export const nextRecord = (before: SweepRecord, seen: SeenNow, now: EpochMillis): SweepRecord => ({
  ...seen,
  since: now,
  generation: before.generation + 1,
  ...(seen.status === 'finalizing' && { aggregations: (before.aggregations ?? 0) + 1 }),
});

/** The record to keep when nothing is to be done: what is seen now, dated to when it was first seen. */
export function laterRecord(before: SweepRecord | undefined, seen: SeenNow, now: EpochMillis): SweepRecord {
  return {
    ...seen,
    since: before && !hasMoved(before, seen) ? before.since : now,
    generation: before?.generation ?? 0,
    ...(seen.status === 'finalizing' && before?.aggregations !== undefined && { aggregations: before.aggregations }),
  };
}

/** An API call takes half a minute: a scan that is planned for longer was never sent, and its caller knows. */
const NEVER_SENT_AFTER = 15 * 60_000;

export const wasNeverSent = (scan: Scan, now: EpochMillis): boolean =>
  scan.status === 'planned' && now - scan.submittedAt >= NEVER_SENT_AFTER;
