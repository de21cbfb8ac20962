import { API_SECONDS, WORKER_MEMORY_MB, WORKER_SECONDS } from '../shared/domain/limits.ts';

export interface FunctionSize {
  readonly memoryMb: number;
  readonly seconds: number;
}

/** A turn sends 1,000 chunks in 100 calls of some 10 ms, and reads a few dozen records; the rest is for a slow day. */
export const SPLITTER_SECONDS = 30;

/**
 * Memory buys a share of a CPU. The aggregator reads a whole scan: 5,000 chunks took 2.3 s and 0.9 s of a CPU against
 * DynamoDB Local, so 10⁶ take some five minutes of the 0.6 CPU that 1 GB buys; it gets the 15 that there are. The
 * sweeper may have to do the same in its place.
 */
export const FUNCTION_SIZES = {
  reports: { memoryMb: 1_024, seconds: 900 },
  api: { memoryMb: 512, seconds: API_SECONDS },
  worker: { memoryMb: WORKER_MEMORY_MB, seconds: WORKER_SECONDS },
  aggregator: { memoryMb: 1_024, seconds: 900 },
  'dead-letter': { memoryMb: 256, seconds: 30 },
  splitter: { memoryMb: 512, seconds: SPLITTER_SECONDS },
  sweeper: { memoryMb: 1_024, seconds: 900 },
  // It reads whole reports to judge them, as the aggregator does to write them.
  watcher: { memoryMb: 1_024, seconds: 900 },
} as const satisfies Record<string, FunctionSize>;

/**
 * Scans whose turns are taken at once. A turn takes a second where it sends a thousand chunks and comes again after five,
 * so two splitters, which is the least that AWS takes, keep ten scans supplied, and the queue bridges more.
 */
export const SPLITTERS = 2;

/** Minutes between two sweeps: a scan is moved on within minutes, and a month of sweeps costs a few cents. */
export const SWEEP_MINUTES = 3;

/** Minutes between two looks at what is due of the watches: the rounds of a confirmation are a minute apart. */
export const WATCH_MINUTES = 1;

/**
 * A chunk waits for less than a minute, or behind its lane: every port of one host at -T2, 28 a second, is 13 chunks one
 * behind the other, of which the last waits for 72 minutes. One that waits three times as long waits for something that
 * does not come.
 */
export const OLDEST_MESSAGE_HOURS = 4;

export type FunctionName = keyof typeof FUNCTION_SIZES;
