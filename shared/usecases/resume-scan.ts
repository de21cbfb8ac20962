import { isSpent } from '../domain/cost.ts';
import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Scan, Submitter } from '../domain/scan.ts';
import { isOver } from '../domain/scan-status.ts';
import type { ChunkNumber } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import type { CostDeps } from './read-cost.ts';
import { readProgress } from './read-progress.ts';
import { needsOf, type QuotaDeps, reserveQuota } from './reserve-quota.ts';
import { sumUpAgain } from './sum-up-again.ts';
import { takeUpFailed } from './take-up-failed.ts';

export interface ResumeDeps extends QuotaDeps, CostDeps {
  readonly store: ScanStore;
  readonly clock: Pick<Clock, 'wall'>;
  readonly newId: () => string;
  /** Sends these chunks of a scan that runs again; none where only its end is wanting. */
  readonly sendAgain: (scan: Scan, chunks: readonly ChunkNumber[]) => Promise<void>;
  /** Sets a scan going that is not over and may stand still; false where a worker is at it, or will be by itself. */
  readonly wake: (scan: Scan) => Promise<boolean>;
}

/**
 * Goes on with a scan:
 *
 *   complete-with-gaps ── chunks failed ──▶ they are probed again, as far as they were not settled
 *   cancelled ── by its cost limit ───────▶ what is left is probed, for as much money again
 *   failed             ── to be summed up ─▶ it is summed up again; nothing is probed
 *   not over           ── no worker has it ─▶ set going again
 *   anything else      ────────────────────▶ an error that says why not
 */
export async function resumeScan(deps: ResumeDeps, scan: Scan, { caller }: Submitter): Promise<Result<void>> {
  const { id, status } = scan;
  if (!isOver(status)) {
    if (await deps.wake(scan)) return ok(undefined);
    return err(errorValue('SCAN_ALREADY_RUNNING', `Scan ${id} is ${status}, and goes on by itself.`, { hint: WAIT }));
  }
  if (await sumUpAgain({ ...deps, onReopened: (opened) => deps.sendAgain(opened, []) }, scan)) return ok(undefined);
  const from = status === 'cancelled' ? status : 'complete-with-gaps';
  const left = await probesLeft(scan, deps);
  if (left > 0) {
    const refused = await reserveQuota(deps, caller, needsOf(scan, left));
    if (refused) return err(refused);
    const chunks = await takeUpFailed(deps, scan, from);
    if (chunks.length > 0) {
      await deps.sendAgain({ ...scan, status: 'running', summary: null, finishedAt: null }, chunks);
      return ok(undefined);
    }
  }
  return err(errorValue('SCAN_OVER', `Scan ${id} is ${status}: there is nothing to go on with.`));
}

const WAIT = 'Wait for it: what stands still is sent again within minutes.';

/** Only what a chunk that failed left over is worth another try: other gaps have causes that stay. */
async function probesLeft(scan: Scan, deps: ResumeDeps): Promise<number> {
  const { status, summary, imported } = scan;
  if (status === 'cancelled') {
    const { planned, done, cost } = await readProgress(deps, scan);
    return cost && isSpent(cost) ? planned - done : 0;
  }
  if (status !== 'complete-with-gaps' || !summary || imported) return 0;
  return summary.pending + (summary.unprobed['unprobed/chunk-failed'] ?? 0);
}
