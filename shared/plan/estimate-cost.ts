import { type CostEstimate, type EstimateRange, type FleetPrices, QUEUE_REQUESTS } from '../domain/cost.ts';
import { WORKER_MEMORY_MB } from '../domain/limits.ts';
import type { Plan } from '../domain/scan.ts';
import { isShared } from '../domain/timing-hints.ts';
import { estimate } from './estimate.ts';
import { checkpointUnits, recordUnits } from './record-units.ts';
import type { FleetSize } from './split-chunks.ts';

/** List prices of us-east-1 in November 2026: Lambda on arm64, SQS FIFO, DynamoDB on demand. Free tiers left out. */
export const LIST_PRICES: Omit<FleetPrices, 'memoryGb'> = {
  perGbSecond: 0.0000133334,
  perInvocation: 0.0000002,
  perQueueRequest: 0.0000005,
  perWriteUnit: 0.000000625,
};

/** Until a warm function sends its first probe: reading the scan and its last checkpoint. */
const WARM_START = 0.15;

/** What a cold one takes longer. Each of the fleet is cold once. */
const COLD_START = 0.35;

/** A round trip to a host that answers; half the Internet is nearer. */
const USUAL_RTT = 0.05;

/**
 * 0.25 GB were seen to settle 2,300 refused probes a second (docs/cost.md); the share of a CPU is proportional to the
 * memory.
 */
export const ASKS_PER_GB_SECOND = 9_200;

/** A slot of the completion tree, whose upper levels add 1/256, and what the chunk has used; beside its last record. */
const WRITES_PER_CHUNK = 2.01;

/** What was found in a second lies in one item, however much it is; a second without anything costs less than that. */
const FINDINGS_PER_SECOND = 1;

/**
 * Of a block of addresses most have no host, and of a host behind a filter most ports are silent: the simulation's scans
 * lie within a tenth of three quarters of the way from all answers to none (docs/scale.md).
 */
const SILENT_SHARE = 3 / 4;
/** Where hosts are looked for first, silence is cheap, and a host behind a firewall the dearest: each of its ports is tried twice. */
const SILENT_SHARE_IF_LOOKED_FOR = 1 / 2;

/** What a read costs that may be a second behind: half a read unit, in write units. */
const GLANCE = 0.1;

/**
 * Where several chunks probe one address, workers tell each other what they learn of it: one read at the start, one more
 * before there is something to tell, which is about once a chunk, and one a second. Up to five more in the first second,
 * while there are no hints yet, are left out.
 */
const SHARING_PER_CHUNK = 1 + 2 * GLANCE;
const SHARING_PER_SECOND = GLANCE;

/**
 * cost = worker seconds × (memory × price + checkpoints and findings) + chunks × (invocation + queue + records).
 */
export function estimateCost(plan: Plan, fleet: FleetSize, prices: FleetPrices): CostEstimate {
  const { chunks, addressCount, portCount } = plan.geometry;
  const probes = Math.ceil((addressCount * portCount) / chunks);
  const [sharedPerChunk, sharedPerSecond] = isShared(plan.geometry) ? [SHARING_PER_CHUNK, SHARING_PER_SECOND] : [0, 0];
  const writesPerSecond = checkpointUnits(probes) + FINDINGS_PER_SECOND + sharedPerSecond;
  const perSecond = prices.memoryGb * prices.perGbSecond + writesPerSecond * prices.perWriteUnit;
  const perChunk =
    prices.perInvocation +
    QUEUE_REQUESTS * prices.perQueueRequest +
    (recordUnits(probes) + WRITES_PER_CHUNK + sharedPerChunk) * prices.perWriteUnit;
  const { atLeast, ifSilent } = workerSecondsOf(plan, fleet, prices.memoryGb);
  const costs = (seconds: number): number => seconds * perSecond + chunks * perChunk;
  const silentShare = plan.discovery?.kind === 'before' ? SILENT_SHARE_IF_LOOKED_FOR : SILENT_SHARE;
  const expected = atLeast + (ifSilent - atLeast) * silentShare;
  return { atLeast: costs(atLeast), expected: costs(expected), ifSilent: costs(ifSilent) };
}

/** Seconds that workers are paid for. */
export function workerSecondsOf(plan: Plan, fleet: FleetSize, memoryGb = WORKER_MEMORY_MB / 1_024): EstimateRange {
  const { asksAtLeast, asksIfSilent } = estimate(plan, fleet);
  return {
    atLeast: workerSeconds(plan, fleet, memoryGb, asksAtLeast, USUAL_RTT),
    ifSilent: workerSeconds(plan, fleet, memoryGb, asksIfSilent, plan.timing.initialRttTimeout / 1_000),
  };
}

/**
 * A worker is bound by its sockets, its CPU or the rate of its targets, whichever is the slowest; it costs the same
 * while it waits for a rate.
 */
function workerSeconds(plan: Plan, fleet: FleetSize, memoryGb: number, asks: number, wait: number): number {
  const { chunks, addressCount, portCount, kind, lanes } = plan.geometry;
  const sockets = Math.min(plan.socketsPerWorker ?? fleet.socketsPerWorker, Math.ceil(asks / chunks));
  const held = (asks * wait) / sockets;
  const busy = asks / (ASKS_PER_GB_SECOND * memoryGb);
  const pacedWorkers = kind === 'whole' ? chunks : addressCount * lanes;
  const asksPerPort = asks / (addressCount * portCount);
  const { ratePerTarget } = plan.timing;
  const paced = ratePerTarget === null ? 0 : (pacedWorkers * portCount * asksPerPort) / ratePerTarget;
  return Math.max(held, busy, paced) + chunks * WARM_START + Math.min(chunks, fleet.workers) * COLD_START;
}
