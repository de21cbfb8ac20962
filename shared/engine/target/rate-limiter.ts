import { type Millis, millis } from '../../domain/units.ts';

/**
 * A cap on probes per second that holds over any second, not only on average. The later of two moments counts:
 *
 * interval one probe in each `1 / rate` of a second. A loop that comes a little late makes up for it; a pause earns nothing
 * ledger   the probe that lies a whole rate back is a second old: so what was made up for is taken from what follows
 */
export interface RateLimiter {
  /** Infinite where there is no limit. */
  readonly perSecond: number;
  /** Takes one probe if it may go now; false takes nothing. */
  tryTake(now: Millis): boolean;
  /** How long until the next probe may go; 0 when it may go now. Whoever wants to know has something to send: no pause. */
  wait(now: Millis): Millis;
}

/** A busy loop sends again within a few dozen milliseconds; one that did not for so long had nothing to send. */
const PAUSE = 100;

/** A process that starts up on a busy machine falls behind by some tenths of a second: more than this is not made up for. */
const LATE_AT_MOST = 1_000;

const UNLIMITED: RateLimiter = { perSecond: Number.POSITIVE_INFINITY, tryTake: () => true, wait: () => millis(0) };

/** `rate` is probes per second; null is no limit. `mostLate` is how far a lane may fall behind and still catch up. */
export function makeRateLimiter(rate: number | null, mostLate: number = LATE_AT_MOST): RateLimiter {
  if (rate === null) return UNLIMITED;
  const interval = 1_000 / rate;
  // Where the probes are further apart than a pause, each comes after one, and the interval alone is exact.
  const ledger = interval < PAUSE ? makeLedger(Math.floor(rate)) : null;
  const lateAtMost = ledger === null ? 0 : mostLate;
  let due = Number.NEGATIVE_INFINITY;
  let lastCall = Number.NEGATIVE_INFINITY;
  function wait(now: Millis): Millis {
    if (now - lastCall > PAUSE) due = Math.max(due, now);
    lastCall = now;
    return millis(Math.max(0, due - now, ledger === null ? 0 : ledger.nextAt() - now));
  }
  return {
    perSecond: rate,
    wait,
    tryTake(now) {
      if (wait(now) > 0) return false;
      due = Math.max(due, now - lateAtMost) + interval;
      ledger?.write(now);
      return true;
    },
  };
}

/** Groups that a second's probes are noted in: a probe then waits at most for the last of its group, a thousandth late. */
const GROUPS = 1_000;

/** When each of the last `rate` probes went, in groups, so that a fast lane needs no more memory than a slow one. */
function makeLedger(rate: number): { nextAt(): number; write(now: Millis): void } {
  const groupSize = Math.ceil(rate / GROUPS);
  const groups = Math.floor(rate / groupSize) + 2;
  // Grows with the probes: of the many targets of a wide sweep each gets few.
  const lastOfGroup: Millis[] = [];
  let probes = 0;
  return {
    nextAt() {
      const rateAgo = probes - rate;
      if (rateAgo < 0) return Number.NEGATIVE_INFINITY;
      return (lastOfGroup[Math.floor(rateAgo / groupSize) % groups] ?? 0) + 1_000;
    },
    write(now) {
      lastOfGroup[Math.floor(probes / groupSize) % groups] = now;
      probes += 1;
    },
  };
}
