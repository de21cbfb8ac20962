import type { Plan } from '../domain/scan.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type FleetSize, plannedProbes } from './split-chunks.ts';

/** How long a scan may take: where every port answers at once, and where none answers at all. */
export interface Estimate {
  readonly asksAtLeast: number;
  readonly asksIfSilent: number;
  readonly shortest: Millis;
  readonly ifSilent: Millis;
}

/** What opening, judging and closing one socket costs a worker: 35 µs on the 2-core machine the bench ran on. */
const COST_OF_AN_ASK = 0.035;

/** A port that never answers is asked twice where nothing is seen lost. */
const ASKS_OF_A_SILENT_PORT = 2;

/** Chunks that a worker has in hand at once. */
const CHUNKS_PER_WORKER = 2;

/**
 * Three things bound a scan, and the slowest decides: the workers' CPU, the sockets (an ask of a silent port holds one
 * for a whole timeout), and the rate of each target address.
 */
export function estimate(plan: Plan, fleet: FleetSize): Estimate {
  const probes = plannedProbes(plan.geometry);
  const asksIfSilent = probes * Math.min(ASKS_OF_A_SILENT_PORT, plan.timing.maxAttempts);
  const sockets = fleet.workers * Math.min(plan.socketsPerWorker ?? fleet.socketsPerWorker, fleet.socketsPerWorker);
  const held = (asksIfSilent * plan.timing.initialRttTimeout) / Math.min(sockets, asksIfSilent);
  return {
    asksAtLeast: probes,
    asksIfSilent,
    shortest: millis(Math.max((probes * COST_OF_AN_ASK) / fleet.workers, paced(plan, fleet, 1))),
    ifSilent: millis(
      Math.max(held, (asksIfSilent * COST_OF_AN_ASK) / fleet.workers, paced(plan, fleet, asksIfSilent / probes)),
    ),
  };
}

/** What the rate of each address takes: addresses are paced side by side as far as the workers have hands. */
function paced({ geometry, timing }: Plan, fleet: FleetSize, asksPerPort: number): number {
  if (timing.ratePerTarget === null) return 0;
  const hands = fleet.workers * CHUNKS_PER_WORKER;
  const atOnce = geometry.kind === 'whole' ? hands * geometry.size : Math.max(1, Math.floor(hands / geometry.lanes));
  const rounds = Math.ceil(geometry.addressCount / atOnce);
  return (rounds * geometry.portCount * asksPerPort * 1_000) / timing.ratePerTarget;
}
