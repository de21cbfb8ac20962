import { type ErrorValue, errorValue } from '../domain/errors.ts';
import type { Scan } from '../domain/scan.ts';
import { isOver } from '../domain/scan-status.ts';
import type { ScanId } from '../domain/units.ts';
import { plannedProbes } from '../plan/split-chunks.ts';
import type { CallerStore, Quota, ScanPlace } from '../seams/caller-store.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';

export interface QuotaDeps {
  readonly store: Pick<ScanStore, 'readScan'>;
  readonly callers: CallerStore;
  readonly clock: Pick<Clock, 'wall'>;
  readonly quota: Quota;
}

/** What a scan takes of its caller's day. */
export interface ScanNeeds {
  readonly id: ScanId;
  readonly probes: number;
  /** Seconds of workers, where they are paid for. */
  readonly seconds?: number;
}

/** What is left of a scan, or all of it: so many probes. Its seconds are those that it takes where nothing answers. */
export function needsOf({ id, plan, cost }: Pick<Scan, 'id' | 'plan' | 'cost'>, probes: number): ScanNeeds {
  const share = probes / Math.max(1, plannedProbes(plan.geometry));
  return { id, probes, ...(cost && { seconds: Math.ceil(cost.seconds.ifSilent * share) }) };
}

/**
 * Takes what the scan needs of its caller's quota; gives the error that stands in its way.
 *
 * The quota is not told when a scan ends: whoever ended it may have died before that. So a place is freed when it is
 * wanted, if its scan is over or gone. That costs at most as many reads as a caller may have scans at once.
 */
export async function reserveQuota(
  deps: QuotaDeps,
  caller: string,
  { id, ...needs }: ScanNeeds,
): Promise<ErrorValue | undefined> {
  const wanted = { caller, scan: id, ...needs, at: deps.clock.wall(), quota: deps.quota };
  let grant = await deps.callers.reserve(wanted);
  if (grant.kind === 'places-taken' && (await freePlaces(deps, caller, grant.held)) > 0) {
    grant = await deps.callers.reserve(wanted);
  }
  switch (grant.kind) {
    case 'granted':
      return undefined;
    case 'day-spent':
      return grant.of === 'seconds'
        ? secondsSpent(needs.seconds ?? 0, grant.used, deps.quota.secondsPerDay ?? 0)
        : probesSpent(needs.probes, grant.used, deps.quota.probesPerDay ?? 0);
    case 'places-taken':
      return errorValue(
        'TOO_MANY_SCANS',
        `${deps.quota.scansAtOnce} scans of yours are under way, as many as you may have.`,
      );
    default:
      return grant satisfies never;
  }
}

/** An API call takes half a minute at the most; a place older than this whose scan was never stored belongs to a dead one. */
const STORED_WITHIN = 60_000;

async function freePlaces(deps: QuotaDeps, caller: string, held: readonly ScanPlace[]): Promise<number> {
  let freed = 0;
  for (const { scan, since } of held) {
    const stored = await deps.store.readScan(scan);
    const isFree = stored ? isOver(stored.status) : deps.clock.wall() - since > STORED_WITHIN;
    if (!isFree) continue;
    await deps.callers.release(caller, scan);
    freed += 1;
  }
  return freed;
}

function probesSpent(wanted: number, used: number, most: number): ErrorValue {
  const [want, had, all] = [wanted, used, most].map((count) => count.toLocaleString('en'));
  const detail = `The scan has ${want} probes; of the ${all} that you may send in a day, ${had} are spent.`;
  return errorValue('PROBES_SPENT', detail, wanted > most ? { hint: TOO_LARGE_FOR_ANY_DAY } : {});
}

const TOO_LARGE_FOR_ANY_DAY = 'Ask for fewer ports or hosts, or have "dailyProbeQuota" raised by the owner.';

function secondsSpent(wanted: number, used: number, most: number): ErrorValue {
  const [want, had, all] = [wanted, used, most].map((seconds) =>
    (seconds / 3_600).toLocaleString('en', { maximumFractionDigits: 1 }),
  );
  const detail = `The scan may keep workers busy for ${want} hours together; of the ${all} that you have in a day, ${had} are spent.`;
  return errorValue('WORKER_TIME_SPENT', detail, wanted > most ? { hint: TOO_LONG_FOR_ANY_DAY } : {});
}

const TOO_LONG_FOR_ANY_DAY =
  'Raise the rate, ask for fewer ports or hosts, or have "dailyWorkerHours" raised by the owner.';
