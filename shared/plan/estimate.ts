import { countPorts, subtractPorts } from '../domain/port-set.ts';
import type { Plan } from '../domain/scan.ts';
import { type Millis, millis } from '../domain/units.ts';
import type { FleetSize } from './split-chunks.ts';

/** How long a scan may take: where every port answers at once, and where none answers at all. */
export interface Estimate {
  readonly asksAtLeast: number;
  readonly asksIfSilent: number;
  readonly shortest: Millis;
  readonly ifSilent: Millis;
}

/** What opening, judging and closing one socket costs a worker: 35 µs on the 2-core machine the bench ran on. */
const COST_OF_A_PROBE = 0.035;

/** A port that never answers is probed twice where nothing is seen lost. */
const PROBES_OF_A_SILENT_PORT = 2;

/** Chunks that a worker has in hand at once. */
const CHUNKS_PER_WORKER = 2;

/** Linux says of one UDP port a second that it is closed, and until a host has said so of each, each has to be waited for. */
const MILLIS_OF_A_CLOSED_UDP_PORT = 1_000;

/**
 * Three things bound a scan, and the slowest decides: the workers' CPU, the sockets (a probe of a silent port holds one
 * for a whole timeout), and the rate of each target address. Where UDP ports are closed, a fourth: how often the host says
 * so. Where hosts are looked for first, a silent address costs no more than that.
 */
export function estimate(plan: Plan, fleet: FleetSize): Estimate {
  const { addressCount } = plan.geometry;
  const { allPorts, silentPorts } = portsPerAddress(plan);
  const attempts = Math.min(PROBES_OF_A_SILENT_PORT, plan.timing.maxAttempts);
  const [atLeast, ifSilent] = [addressCount * allPorts, addressCount * silentPorts * attempts];
  const sockets = fleet.workers * Math.min(plan.socketsPerWorker ?? fleet.socketsPerWorker, fleet.socketsPerWorker);
  const held = (ifSilent * plan.timing.initialRttTimeout) / Math.min(sockets, ifSilent);
  const byCpu = (probes: number) => (probes * COST_OF_A_PROBE) / fleet.workers;
  const udp = rounds(plan, fleet) * countPorts({ tcp: [], udp: plan.ports.udp }) * MILLIS_OF_A_CLOSED_UDP_PORT;
  return {
    asksAtLeast: atLeast,
    asksIfSilent: ifSilent,
    shortest: millis(Math.max(byCpu(atLeast), paced(plan, fleet, allPorts))),
    ifSilent: millis(Math.max(held, byCpu(ifSilent), paced(plan, fleet, silentPorts * attempts), udp)),
  };
}

/** Ports that an address costs where it answers, and where it is silent. */
function portsPerAddress({ geometry, ports, discovery }: Plan): {
  readonly allPorts: number;
  readonly silentPorts: number;
} {
  const { portCount } = geometry;
  if (discovery?.kind !== 'before') return { allPorts: portCount, silentPorts: portCount };
  const besides = countPorts(subtractPorts(discovery.ports, ports));
  return { allPorts: portCount + besides, silentPorts: countPorts(discovery.ports) };
}

/** What the rate of each address takes. */
const paced = (plan: Plan, fleet: FleetSize, probesPerAddress: number): number =>
  plan.timing.ratePerTarget === null ? 0 : (rounds(plan, fleet) * probesPerAddress * 1_000) / plan.timing.ratePerTarget;

/** Addresses are scanned side by side as far as the workers have hands; how often that has to be done. */
function rounds({ geometry }: Plan, fleet: FleetSize): number {
  const hands = fleet.workers * CHUNKS_PER_WORKER;
  const atOnce = geometry.kind === 'whole' ? hands * geometry.size : Math.max(1, Math.floor(hands / geometry.lanes));
  return Math.ceil(geometry.addressCount / atOnce);
}
