import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Scan } from '../domain/scan.ts';
import { isOver } from '../domain/scan-status.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** Stops a scan for good. Its workers notice within one chunk; what was found stays readable. */
export async function cancelScan(deps: { store: ScanStore; clock: Clock }, scan: Scan): Promise<Result<void>> {
  const at = deps.clock.wall();
  for (const from of ['planned', 'running'] as const) {
    if (await deps.store.changeStatus(scan.id, from, 'cancelled', at)) return ok(undefined);
  }
  const now = (await deps.store.readScan(scan.id))?.status ?? 'cancelled';
  // The answer to a change may be lost, and a repeat of it then finds it made.
  if (now === 'cancelled' && !isOver(scan.status)) return ok(undefined);
  const words = isOver(now) ? `it is ${now}` : 'its last chunk is complete';
  return err(errorValue('SCAN_OVER', `Scan ${scan.id} cannot be cancelled: ${words}.`));
}
