import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { isOver } from '../domain/scan-status.ts';
import type { ScanId } from '../domain/units.ts';
import type { CallerStore, Quota, ScanPlace } from '../seams/caller-store.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';

export interface QuotaDeps {
  readonly store: Pick<ScanStore, 'readScan'>;
  readonly callers: CallerStore;
  readonly clock: Pick<Clock, 'wall'>;
  readonly quota: Quota;
}

/**
 * Takes what the scan needs of its caller's quota; gives the error that stands in its way.
 *
 * Nobody tells the quota when a scan ends: whoever ended it may have died before that. So a place is freed when it is
 * wanted, if its scan is over or gone. That costs at most as many reads as a caller may have scans at once.
 */
export async function reserveQuota(
  deps: QuotaDeps,
  caller: string,
  { id, probes }: { readonly id: ScanId; readonly probes: number },
): Promise<ErrorValue | undefined> {
  const wanted = { caller, scan: id, probes, at: deps.clock.wall(), quota: deps.quota };
  let grant = await deps.callers.reserve(wanted);
  if (grant.kind === 'places-taken' && (await freePlaces(deps, caller, grant.held)) > 0) {
    grant = await deps.callers.reserve(wanted);
  }
  switch (grant.kind) {
    case 'granted':
      return undefined;
    case 'day-spent':
      return probesSpent(wanted.probes, grant.used, deps.quota.probesPerDay ?? 0);
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
