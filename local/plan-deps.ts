import { randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { type ScanId, seed } from '../shared/domain/units.ts';
import { dnsResolver } from '../shared/net/dns-resolver.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { systemResolver } from '../shared/net/system-resolver.ts';
import type { FleetSize } from '../shared/plan/split-chunks.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import type { PlanDeps } from '../shared/usecases/plan-scan.ts';
import { MOST_SOCKETS } from './descriptor-limit.ts';
import { CHUNKS_AT_ONCE } from './worker-messages.ts';

/**
 * No worker of one's own machine runs out of time, so the size of a chunk only has to leave each worker several; its
 * coverage is written every second, whatever its size. 2¹⁶ holds every port of one protocol.
 */
const MOST_PROBES_PER_CHUNK = 65_536;

/** This machine as the planner sees it. */
const localFleet = (workers: number): FleetSize => ({
  workers,
  socketsPerWorker: MOST_SOCKETS,
  maxProbesPerChunk: MOST_PROBES_PER_CHUNK,
  chunksAtOnce: CHUNKS_AT_ONCE,
});

/** How scans are planned for so many worker processes of this machine. */
export function localPlanDeps(workers: number): PlanDeps {
  const nextUlid = monotonicFactory();
  return {
    resolver: systemResolver,
    resolverAt: dnsResolver,
    mayUseProxy: true,
    clock: systemClock,
    policy: LOCAL_POLICY,
    fleet: localFleet(workers),
    newId: () => nextUlid() as ScanId,
    newSeed: () => seed(randomInt(2 ** 32)),
  };
}
