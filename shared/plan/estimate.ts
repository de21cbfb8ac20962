import { countPorts, subtractPorts } from '../domain/port-set.ts';
import type { Plan } from '../domain/scan.ts';
import { farTimeoutOf } from '../domain/timing-template.ts';
import { type Millis, millis } from '../domain/units.ts';
import { COST_OF_A_PROBE, forecast, type Outlook } from '../engine/forecast.ts';
import { PATIENCE } from '../engine/target/icmp-limit.ts';
import type { FleetSize } from './split-chunks.ts';

/** How long a scan may take: where every port answers at once, and where none answers at all. */
export interface Estimate {
  readonly asksAtLeast: number;
  readonly asksIfSilent: number;
  readonly shortest: Millis;
  readonly ifSilent: Millis;
}

/** A port that never answers is probed twice where nothing is seen lost. */
const PROBES_OF_A_SILENT_PORT = 2;

/** Chunks that a worker has in hand at once. */
const CHUNKS_IN_HAND = 2;

/**
 * Four things bound a scan, and the slowest decides: the workers' CPU, the rate of each target address, and where ports are
 * silent the sockets and the windows that have to grow first. Where UDP ports are closed, a fifth: how often the host says
 * so. Where hosts are looked for first, a silent address costs no more than that.
 */
export function estimate(plan: Plan, fleet: FleetSize): Estimate {
  const { addressCount } = plan.geometry;
  const { allPorts, silentPorts } = portsPerAddress(plan);
  const attempts = Math.min(PROBES_OF_A_SILENT_PORT, plan.timing.maxAttempts);
  const [atLeast, ifSilent] = [addressCount * allPorts, addressCount * silentPorts * attempts];
  const byCpu = (probes: number) => (probes * costOfProbe(fleet)) / fleet.workers;
  const { chunks } = plan.geometry;
  const atOnce = chunksAtOnce(plan, fleet);
  const longest = Math.ceil(chunks / atOnce) * longestOfChunk(plan, fleet, attempts, silentPorts / allPorts);
  return {
    asksAtLeast: atLeast,
    asksIfSilent: ifSilent,
    shortest: millis(Math.max(byCpu(atLeast), paced(plan, fleet, allPorts))),
    ifSilent: millis(START_AND_END + Math.max(longest, byCpu(ifSilent), paced(plan, fleet, silentPorts * attempts))),
  };
}

const costOfProbe = ({ millisPerProbe = COST_OF_A_PROBE }: FleetSize): number => millisPerProbe;

/** A worker's start, and the last of its writes. */
const START_AND_END = 500;

/** Chunks that are worked on side by side: with a rate to hold, as many of an address as it has lanes. */
function chunksAtOnce({ geometry, timing }: Plan, { workers }: FleetSize): number {
  const { addressCount, chunks, kind, lanes } = geometry;
  const hands = workers * CHUNKS_IN_HAND;
  const isHeld = kind === 'split' && timing.ratePerTarget !== null;
  return Math.max(1, Math.min(hands, chunks, isHeld ? addressCount * lanes : chunks));
}

/**
 * How long one chunk takes at the most: the engine's own forecast of silent ports, beside others that have as many sockets.
 *
 * @param silentShare of the ports of an address, how many are probed where it is silent
 */
function longestOfChunk(plan: Plan, fleet: FleetSize, attempts: number, silentShare: number): number {
  const { geometry, timing } = plan;
  const addresses = geometry.kind === 'whole' ? geometry.size : 1;
  const ports = (geometry.kind === 'whole' ? geometry.portCount : geometry.size) * silentShare;
  const each = Math.min(plan.socketsPerWorker ?? fleet.socketsPerWorker, fleet.socketsPerWorker);
  const sockets = Math.max(1, Math.floor((each * fleet.workers) / chunksAtOnce(plan, fleet)));
  const perSecond = ((timing.ratePerTarget ?? Number.POSITIVE_INFINITY) / geometry.lanes) * addresses;
  const silent: Outlook = {
    ...{ unsent: addresses * ports, answering: 0, waiting: [], inFlight: [], attempts, perSecond, losses: null },
    ...{ timeout: timing.initialRttTimeout, roundTrip: timing.initialRttTimeout },
    window: timing.initialWindow * addresses,
  };
  const swept = forecast([silent], { sockets, cost: costOfProbe(fleet) });
  const far = plan.ports.tcp.length > 0 ? farTimeoutOf(timing) + swept * Math.min(1, TRIED_FIRST / ports) : 0;
  const whole = Math.max(swept, far) + longestOfClosedUdp(plan, Math.ceil(ports));
  return Math.min(whole, (timing.hostTimeout ?? Number.POSITIVE_INFINITY) + timing.maxRttTimeout);
}

/** In a shuffled order each address has had its first two probes, which wait for longer, after so many ports of each. */
const TRIED_FIRST = 8;

/**
 * Linux says of one UDP port a second that it is closed, and until a host has said so of each, each has to be waited for, up
 * to the template's patience. To find that rate out, and to keep to it, costs a quarter more.
 */
const MILLIS_OF_A_CLOSED_UDP_PORT = 1_250;
/** Until the rate is found; and the last round, which may begin just before the patience is at its end. */
const UDP_RATE_FOUND = 5_000;

function longestOfClosedUdp({ ports, timing }: Plan, portsOfChunk: number): number {
  const closed = Math.min(countPorts({ tcp: [], udp: ports.udp }), portsOfChunk);
  if (closed === 0) return 0;
  return UDP_RATE_FOUND + Math.min(PATIENCE[timing.template], closed * MILLIS_OF_A_CLOSED_UDP_PORT);
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
  const hands = fleet.workers * CHUNKS_IN_HAND;
  const atOnce = geometry.kind === 'whole' ? hands * geometry.size : Math.max(1, Math.floor(hands / geometry.lanes));
  return Math.ceil(geometry.addressCount / atOnce);
}
