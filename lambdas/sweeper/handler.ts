import type { Scan } from '../../shared/domain/scan.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { RangeQueue } from '../../shared/seams/range-queue.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { UsageStore } from '../../shared/seams/usage-store.ts';
import { aggregateOrFail } from '../../shared/usecases/aggregate-scan.ts';
import { findMissingChunks } from '../../shared/usecases/find-missing-chunks.ts';
import { errorFields } from '../json-log.ts';
import type { Metrics } from '../metrics.ts';
import { rangeFrom } from './send-again.ts';
import {
  isStalled,
  laterRecord,
  nextRecord,
  type SweepRecord,
  type SweepRecords,
  seemsToStand,
  wasNeverSent,
} from './sweep-record.ts';

export interface SweeperDeps {
  readonly store: ScanStore;
  readonly ranges: RangeQueue;
  readonly clock: Clock;
  /** Scans that may not be over. */
  readonly active: () => AsyncIterable<ScanId>;
  /** Not to be looked at again. */
  readonly forget: (id: ScanId) => Promise<void>;
  readonly records: SweepRecords;
  readonly usage: Pick<UsageStore, 'over'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Looks, every few minutes, at each scan that is not over, and puts back on its way what stands still:
 *
 *   planned for too long        it was never sent: failed
 *   running, nothing moves      the chunks that have not ended are sent again, under keys of a new generation
 *   running, tree full          moved on to finalizing
 *   finalizing, nothing moves   aggregated here; failed where that has not helped for an hour
 *   over, or gone               forgotten
 */
export function makeHandler(deps: SweeperDeps): () => Promise<void> {
  return async () => {
    let [running, stalled] = [0, 0];
    for await (const id of deps.active()) {
      running += 1;
      try {
        if (await sweepScan(deps, id)) stalled += 1;
      } catch (error) {
        // One scan that cannot be swept must not stop the sweep of the others.
        deps.log.warn('sweep-failed', { scan: id, ...errorFields(error) });
      }
    }
    // A metric is paid for by the hours in which it is told.
    if (running > 0) deps.metrics.count({ RunningScans: running, StalledScans: stalled });
  };
}

/** True when the scan stood still. */
async function sweepScan(deps: SweeperDeps, id: ScanId): Promise<boolean> {
  const scan = await deps.store.readScan(id);
  if (!scan || isOver(scan.status)) {
    await deps.forget(id);
    return false;
  }
  const now = deps.clock.wall();
  if (wasNeverSent(scan, now)) return deps.store.changeStatus(id, 'planned', 'failed', now);
  const missing = await findMissingChunks(deps, scan);
  const before = await deps.records.read(id);
  const chunks = { status: scan.status, missing: missing.length };
  const seen = seemsToStand(before, chunks) ? { ...chunks, worked: await workedOn(deps, scan) } : chunks;
  if (!before || !isStalled(before, seen, now)) {
    await deps.records.write(id, laterRecord(before, seen, now));
    return false;
  }
  const record = nextRecord(before, seen, now);
  // Written first: keys of one generation are then never used twice.
  await deps.records.write(id, record);
  if (scan.status === 'finalizing') await endStalled(deps, id, record);
  else await deps.ranges.send([rangeFrom(scan, missing, record.generation)]);
  deps.log.warn('scan-stalled', { scan: id, ...seen, generation: record.generation });
  return true;
}

const workedOn = async ({ usage }: SweeperDeps, { id, plan }: Scan): Promise<number> =>
  (await usage.over(id, { first: 0, end: plan.geometry.chunks })).deliveries;

/** With pauses that double, an hour; one that times out each time would take the sweeper's time for ever. */
const MOST_AGGREGATIONS = 3;

async function endStalled(deps: SweeperDeps, id: ScanId, { aggregations = 0 }: SweepRecord): Promise<void> {
  if (aggregations <= MOST_AGGREGATIONS) return aggregateOrFail(deps, id);
  const reason = `The scan could not be summed up in ${MOST_AGGREGATIONS} sweeps.`;
  await deps.store.failScan(id, 'finalizing', reason, deps.clock.wall());
}
