import { ok } from '../../shared/domain/result.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import { parseRequest } from '../../shared/request/parse-request.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { WatchScans } from '../../shared/usecases/advance-watch.ts';
import { compactScan } from '../../shared/usecases/compact-scan.ts';
import { type PlanDeps, planScan } from '../../shared/usecases/plan-scan.ts';
import { readReport } from '../../shared/usecases/read-report.ts';
import { WATCH_MEMBERS } from '../../shared/watch/watch-fields.ts';
import type { LocalNode } from '../local-node.ts';

export interface LocalScansDeps {
  readonly node: LocalNode;
  readonly planning: PlanDeps;
  readonly clock: Clock;
  /** Has a stored scan carried out; may be called for one that is under way. */
  readonly carryOut: (id: ScanId) => void;
}

/**
 * A scan that runs may have lost whoever ran it: so often it is offered to the runner again, which leaves one that
 * another process holds the lease of where it is.
 */
const OFFER_EVERY = 30_000;

/** The scans of watches on one machine: in the same store as all others, and carried out in the same way. */
export function makeLocalWatchScans({ node, planning, clock, carryOut }: LocalScansDeps): WatchScans {
  const offeredAt = new Map<ScanId, number>();
  const offer = (id: ScanId): void => {
    offeredAt.set(id, clock.now());
    carryOut(id);
  };
  return {
    async start(watch, request, id) {
      const parsed = parseRequest(request, WATCH_MEMBERS);
      const planned = parsed.ok ? await planScan(parsed.value, { ...planning, newId: () => id }) : parsed;
      if (!planned.ok) return planned;
      await node.store.createScan({ ...planned.value, submittedBy: { caller: watch.owner, sourceAddress: null } });
      offer(id);
      return ok(undefined);
    },
    async read(id) {
      const scan = await node.store.readScan(id);
      const isLeft = clock.now() - (offeredAt.get(id) ?? Number.NEGATIVE_INFINITY) >= OFFER_EVERY;
      if (scan && isOver(scan.status)) offeredAt.delete(id);
      else if (scan && isLeft) offer(id);
      return scan;
    },
    report: (scan) => readReport({ store: node.store, clock }, scan),
    compact: (scan) => compactScan(scan, node.store),
    async discard(id) {
      const scan = await node.store.readScan(id);
      if (scan && isOver(scan.status)) await node.store.deleteScan(id);
    },
  };
}
