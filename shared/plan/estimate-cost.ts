import { WORKER_MEMORY_MB } from '../domain/limits.ts';
import type { Plan } from '../domain/scan.ts';
import { isShared } from '../domain/timing-hints.ts';
import { estimate } from './estimate.ts';
import type { FleetSize } from './split-chunks.ts';

/** What a fleet of functions costs, in US dollars. */
export interface FleetPrices {
  /** Memory of one worker, which its share of a CPU grows with. */
  readonly memoryGb: number;
  readonly perGbSecond: number;
  readonly perInvocation: number;
  readonly perQueueRequest: number;
  readonly perWriteUnit: number;
}

/** List prices of us-east-1 in November 2026: Lambda on arm64, SQS FIFO, DynamoDB on demand. Free tiers left out. */
export const LIST_PRICES: Omit<FleetPrices, 'memoryGb'> = {
  perGbSecond: 0.0000133334,
  perInvocation: 0.0000002,
  perQueueRequest: 0.0000005,
  perWriteUnit: 0.000000625,
};

/** Of dollars, or of seconds: where every port answers at once, and where none answers at all. */
export interface CostEstimate {
  readonly atLeast: number;
  readonly ifSilent: number;
}

/** Until a warm function sends its first probe: reading the scan and its last checkpoint. */
const WARM_START = 0.15;

/** What a cold one takes longer. Each of the fleet is cold once. */
const COLD_START = 0.35;

/** A round trip to a host that answers; half the Internet is nearer. */
const USUAL_RTT = 0.05;

/** 0.5 GB were seen to settle 3,100 refused probes a second; the share of a CPU is proportional to the memory. */
export const ASKS_PER_GB_SECOND = 6_200;

/** Send, receive and delete, in batches where there are several: 2.1 requests a chunk. */
const QUEUE_REQUESTS = 2.1;

/** A slot of the completion tree, whose upper levels add 1/256, and the coverage record. */
const WRITES_PER_CHUNK = 2.01;

/** Checkpoints of a chunk that runs on: one a second. */
const WRITES_PER_SECOND = 1;

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
 * cost = worker seconds × (memory × price + checkpoints) + chunks × (invocation + queue + writes). Findings, at one
 * write unit each, are left out: nobody knows them beforehand, and a thousand cost six hundredths of a cent.
 */
export function estimateCost(plan: Plan, fleet: FleetSize, prices: FleetPrices): CostEstimate {
  const { chunks } = plan.geometry;
  const [sharedPerChunk, sharedPerSecond] = isShared(plan.geometry) ? [SHARING_PER_CHUNK, SHARING_PER_SECOND] : [0, 0];
  const perSecond = prices.memoryGb * prices.perGbSecond + (WRITES_PER_SECOND + sharedPerSecond) * prices.perWriteUnit;
  const perChunk =
    prices.perInvocation +
    QUEUE_REQUESTS * prices.perQueueRequest +
    (WRITES_PER_CHUNK + sharedPerChunk) * prices.perWriteUnit;
  const { atLeast, ifSilent } = workerSecondsOf(plan, fleet, prices.memoryGb);
  return { atLeast: atLeast * perSecond + chunks * perChunk, ifSilent: ifSilent * perSecond + chunks * perChunk };
}

/** Seconds that workers are paid for. */
export function workerSecondsOf(plan: Plan, fleet: FleetSize, memoryGb = WORKER_MEMORY_MB / 1_024): CostEstimate {
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
