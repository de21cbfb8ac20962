/**
 * An event source begins with five workers and adds 300 a minute while messages wait (Lambda developer guide, "Configuring
 * scaling behavior for SQS event source mappings"); chunks are sent for those that it may have half a minute later.
 */
const FIRST_WORKERS = 5;
const MORE_WORKERS_PER_SECOND = 300 / 60;
const AHEAD_SECONDS = 30;

/** Workers that a scan of that age can count on, of so many. */
export const workersAt = (ageSeconds: number, most: number): number =>
  Math.min(most, FIRST_WORKERS + MORE_WORKERS_PER_SECOND * (Math.max(0, ageSeconds) + AHEAD_SECONDS));

/** What decides how many chunks of a scan may be with a fleet at once. */
export interface FleetLoad {
  /** Workers of the fleet now, and scans that share them. */
  readonly workers: number;
  readonly scans: number;
  /** Seconds of a worker that a chunk of this scan takes. */
  readonly chunkSeconds: number;
  /** Chunks of one address that wait for each other in a lane. */
  readonly depth: number;
  /** Chunks that were sent and have not ended. */
  readonly outstanding: number;
  /** What the window was at the last turn; left out at the first. */
  readonly window?: number;
}

/**
 * Seconds of work that wait on the queue beside what the workers have in hand. A scan that is submitted waits so long at
 * the most, and for the end of a turn: together less than a minute.
 */
const WAITING_SECONDS = 40;

/** A window that its scan does not use up falls back by so much a turn, to its fair size. */
const FALL_BACK = 0.75;

/**
 * How many chunks of a scan may be sent and not ended. Of one scan alone: one in the hands of each worker, and what all
 * of them take in 40 seconds; of several, each scan's share of that. A scan whose share of the workers finds nothing to
 * do is let have more, turn by turn, because others may leave theirs unused: up to what it would have alone.
 */
export function sendWindow({ workers, scans, chunkSeconds, depth, outstanding, window }: FleetLoad): number {
  const ofEach = 1 + Math.max(WAITING_SECONDS / chunkSeconds, depth - 1);
  const share = workers / scans;
  const fair = share * ofEach;
  if (window === undefined) return Math.ceil(fair);
  const grown = outstanding < share ? window * 2 : window * FALL_BACK;
  return Math.ceil(Math.min(Math.max(grown, fair), workers * ofEach));
}
