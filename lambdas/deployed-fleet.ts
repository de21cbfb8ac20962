import type { FleetPrices } from '../shared/domain/cost.ts';
import { WORKER_MEMORY_MB, WORKER_PROBES, WORKER_SOCKETS } from '../shared/domain/limits.ts';
import { ASKS_PER_GB_SECOND, LIST_PRICES } from '../shared/plan/estimate-cost.ts';
import type { FleetSize } from '../shared/plan/split-chunks.ts';
import type { EnvironmentReader } from './env.ts';

const MEMORY_GB = WORKER_MEMORY_MB / 1_024;

/** A fleet of so many worker functions. */
export const fleetOf = (workers: number): FleetSize => ({
  workers,
  socketsPerWorker: WORKER_SOCKETS,
  maxProbesPerChunk: WORKER_PROBES,
  millisPerProbe: 1_000 / (ASKS_PER_GB_SECOND * MEMORY_GB),
});

/** What worker functions cost by the list. */
export const FLEET_PRICES: FleetPrices = { ...LIST_PRICES, memoryGb: MEMORY_GB };

/** The fleet of this deployment. */
export const deployedFleet = (env: EnvironmentReader): FleetSize => fleetOf(env.whole('PORTFLEET_MAX_CONCURRENCY'));
