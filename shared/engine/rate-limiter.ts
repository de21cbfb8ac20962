import { type Millis, millis } from '../domain/units.ts';

/**
 * A cap on asks per second that holds over any second, not only on average: the generic cell rate algorithm. A pause
 * earns no burst beyond `BURST_SHARE` of the rate, and that share is taken off the pace, so that the sum stays exact.
 */
export interface RateLimiter {
  /** Takes one ask if it may go now; false takes nothing. */
  tryTake(now: Millis): boolean;
  /** How long until the next ask may go; 0 when it may go now. */
  wait(now: Millis): Millis;
}

/** 10 ms of the rate: what a timer of 1 ms that fires a few turns late has to make up for. */
const BURST_SHARE = 0.01;

const UNLIMITED: RateLimiter = { tryTake: () => true, wait: () => millis(0) };

/** `rate` is asks per second; null is no limit. */
export function makeRateLimiter(rate: number | null): RateLimiter {
  if (rate === null) return UNLIMITED;
  const burst = Math.floor(rate * BURST_SHARE);
  const interval = 1_000 / (rate - burst);
  const tolerance = burst * interval;
  let due = Number.NEGATIVE_INFINITY;
  const wait = (now: Millis): Millis => millis(Math.max(0, due - tolerance - now));
  return {
    wait,
    tryTake(now) {
      if (wait(now) > 0) return false;
      due = Math.max(due, now) + interval;
      return true;
    },
  };
}
