import { WORKER_MEMORY_MB, WORKER_SOCKETS } from '../shared/domain/limits.ts';
import { millis } from '../shared/domain/units.ts';
import { makeRateLimiter } from '../shared/engine/target/rate-limiter.ts';
import { ASKS_PER_GB_SECOND } from '../shared/plan/estimate-cost.ts';
import type { ChunkLoad } from './chunk-work.ts';

/** What makes a worker take as long as it does. */
export const HOLDS = ['timeouts', 'cpu', 'sockets', 'rate'] as const;
export type Hold = (typeof HOLDS)[number];

export interface SweepTime {
  readonly seconds: number;
  readonly heldBy: Hold;
}

export interface WorkerRate {
  /** Attempts a second to one address that this worker may make; null is no limit. */
  readonly perTarget: number | null;
  readonly initialWindow: number;
}

/** Attempts a second that a worker's share of a CPU judges. */
const ATTEMPTS_PER_SECOND = (ASKS_PER_GB_SECOND * WORKER_MEMORY_MB) / 1_024;

/**
 * How long a worker takes to probe a chunk to its end. Four things hold it, and the slowest decides: the rate of the
 * address that is probed most, the sockets, the CPU, and the timeouts of one port after the other.
 */
export function sweepTime(work: ChunkLoad, rate: WorkerRate): SweepTime {
  const byRate = rate.perTarget === null ? 0 : work.mostOfOne / steadyRate(rate.perTarget) + work.longestWait;
  const sockets = socketTime(work, rate.initialWindow);
  const cpu = work.attempts / ATTEMPTS_PER_SECOND;
  const seconds = Math.max(work.chain, cpu, sockets, byRate);
  const heldBy = seconds === byRate ? 'rate' : seconds === sockets ? 'sockets' : seconds === cpu ? 'cpu' : 'timeouts';
  return { seconds, heldBy };
}

/**
 * Socket-seconds ÷ sockets, where the windows of the targets open that many: each begins with its first size and doubles
 * in the time that an attempt takes, until the sockets are the limit.
 */
function socketTime(work: ChunkLoad, initialWindow: number): number {
  const round = work.socketSeconds / Math.max(1, work.attempts);
  let [left, time, window] = [work.socketSeconds, 0, work.targets * initialWindow];
  while (window < WORKER_SOCKETS && left > window * round) {
    left -= window * round;
    time += round;
    window *= 2;
  }
  return time + left / Math.min(window, WORKER_SOCKETS);
}

const steady = new Map<number, number>();

/** Attempts a second that the engine's own limiter lets through: two seconds of a virtual clock. */
function steadyRate(rate: number): number {
  const found = steady.get(rate);
  if (found !== undefined) return found;
  const limiter = makeRateLimiter(rate);
  let taken = 0;
  for (let tick = 0; tick < TICKS; tick++) {
    const now = millis(tick / TICKS_PER_MILLI);
    while (limiter.tryTake(now)) if (tick >= TICKS / 2) taken += 1;
  }
  const perSecond = (taken * 1_000 * TICKS_PER_MILLI) / (TICKS / 2);
  steady.set(rate, perSecond);
  return perSecond;
}

/** Four seconds, in tenths of a millisecond; the second half is counted. */
const TICKS_PER_MILLI = 10;
const TICKS = 40_000;
