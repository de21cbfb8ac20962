import { randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { type ScanId, seed } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { systemResolver } from '../shared/net/system-resolver.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import type { PlanDeps } from '../shared/usecases/plan-scan.ts';
import { localFleet } from './local-fleet.ts';

/** How scans are planned for so many worker processes of this machine. */
export function localPlanDeps(workers: number): PlanDeps {
  const nextUlid = monotonicFactory();
  return {
    resolver: systemResolver,
    clock: systemClock,
    policy: LOCAL_POLICY,
    fleet: localFleet(workers),
    newId: () => nextUlid() as ScanId,
    newSeed: () => seed(randomInt(2 ** 32)),
  };
}
