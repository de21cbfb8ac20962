import type { Usage } from './usage.ts';

/** What a fleet of functions costs, in US dollars. */
export interface FleetPrices {
  /** Memory of one worker, which its share of a CPU grows with. */
  readonly memoryGb: number;
  readonly perGbSecond: number;
  readonly perInvocation: number;
  readonly perQueueRequest: number;
  readonly perWriteUnit: number;
}

/** Where every port answers at once, and where none answers at all. */
export interface EstimateRange {
  readonly atLeast: number;
  readonly ifSilent: number;
}

/** In US dollars. */
export interface CostEstimate extends EstimateRange {
  /** What it comes to on networks as they are. */
  readonly expected: number;
}

/** What was known of a scan's cost when it was submitted, and what it may come to. */
export interface CostPlan {
  readonly prices: FleetPrices;
  readonly estimate: CostEstimate;
  /** Seconds of workers. */
  readonly seconds: EstimateRange;
  /** US dollars at which the scan is stopped; null for no limit. */
  readonly limit: number | null;
}

/** What a scan has cost so far, or in all, by what its workers have used. */
export interface ScanCost {
  /** US dollars, at list prices. */
  readonly dollars: number;
  readonly estimate: CostEstimate;
  readonly limit: number | null;
  readonly workerSeconds: number;
  /** Of functions and of the queue. */
  readonly requests: number;
  readonly writeUnits: number;
}

/** Send, receive and delete, in batches where there are several: 2.1 requests of the queue a delivery. */
export const QUEUE_REQUESTS = 2.1;

/** What that usage costs at the prices of the plan. */
export function costOf({ prices, estimate, limit }: CostPlan, { millis, deliveries, writeUnits }: Usage): ScanCost {
  const workerSeconds = millis / 1_000;
  const dollars =
    workerSeconds * prices.memoryGb * prices.perGbSecond +
    deliveries * (prices.perInvocation + QUEUE_REQUESTS * prices.perQueueRequest) +
    writeUnits * prices.perWriteUnit;
  const requests = Math.round(deliveries * (1 + QUEUE_REQUESTS));
  return { dollars, estimate, limit, workerSeconds, requests, writeUnits };
}

/** It has cost what it may. */
export const isSpent = ({ dollars, limit }: ScanCost): boolean => limit !== null && dollars >= limit;
