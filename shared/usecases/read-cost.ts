import { costOf, type ScanCost } from '../domain/cost.ts';
import type { Scan } from '../domain/scan.ts';
import type { UsageStore } from '../seams/usage-store.ts';

/** Where a fleet's usage is read; left out where nothing is paid for. */
export interface CostDeps {
  readonly usage?: Pick<UsageStore, 'over'> | undefined;
}

/** What the scan has cost so far; nothing where nothing is paid for. */
export async function readCost({ id, plan, cost }: Scan, { usage }: CostDeps): Promise<ScanCost | undefined> {
  if (!cost || !usage) return undefined;
  return costOf(cost, await usage.over(id, { first: 0, end: plan.geometry.chunks }));
}
