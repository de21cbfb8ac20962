import { WORKER_PROBES, WORKER_SOCKETS } from '../shared/domain/limits.ts';
import type { FleetSize } from '../shared/plan/split-chunks.ts';
import type { EnvironmentReader } from './env.ts';

/** A fleet of so many worker functions. */
export const fleetOf = (workers: number): FleetSize => ({
  workers,
  socketsPerWorker: WORKER_SOCKETS,
  maxProbesPerChunk: WORKER_PROBES,
});

/** The fleet of this deployment. */
export const deployedFleet = (env: EnvironmentReader): FleetSize => fleetOf(env.whole('PORTFLEET_MAX_CONCURRENCY'));
