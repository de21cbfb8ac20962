import type { Scan } from '../domain/scan.ts';
import type { Clock } from '../seams/clock.ts';
import { type ReopenDeps, reopen } from './take-up-failed.ts';

export interface SumUpAgainDeps extends ReopenDeps {
  readonly clock: Pick<Clock, 'wall'>;
  /** Told when the scan runs again, before it goes on to its end: how often it was tried before must not count. */
  readonly onReopened?: (scan: Scan) => Promise<void>;
}

/**
 * Opens a scan again that ended as failed because it could not be summed up. All its chunks have ended, and what they
 * found is stored, so nothing is probed: it goes on to `finalizing`, where the aggregator takes it as after any last
 * chunk. False where the scan failed for another reason, or another process was first.
 *
 * A process that dies on the way leaves a running scan whose tree is full, which whoever looks for missing chunks moves on.
 */
export async function sumUpAgain({ clock, onReopened, ...deps }: SumUpAgainDeps, scan: Scan): Promise<boolean> {
  // A scan that never got under way has no reason in its record, and nothing to sum up.
  if (scan.status !== 'failed' || scan.failure === undefined) return false;
  if (!(await reopen(deps, scan, 'failed'))) return false;
  const { failure: _, ...opened } = scan;
  await onReopened?.({ ...opened, status: 'running', finishedAt: null });
  await deps.store.changeStatus(scan.id, 'running', 'finalizing', clock.wall());
  return true;
}
