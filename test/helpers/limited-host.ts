import type { Prober } from '../../shared/seams/prober.ts';

/** Answers that a host gives out: so many a second, and no more than `burst` of them saved up. */
export interface Bucket {
  /** One answer, if one is to be had at this moment, in milliseconds. */
  take(now: number): boolean;
}

export function makeBucket(perSecond: number, burst: number): Bucket {
  let tokens = burst;
  let filledAt = 0;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1_000);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** The same as BSD's icmplim has it: so many in each second of the clock, and none after them until it ends. */
export function makeSecondsCount(perSecond: number): Bucket {
  let [second, given] = [-1, 0];
  return {
    take(now) {
      const at = Math.floor(now / 1_000);
      given = at === second ? given + 1 : 1;
      second = at;
      return given <= perSecond;
    },
  };
}

/** Passes asks on, but loses the refusals that the bucket has no answer for: loopback itself never holds any back. */
export const holdingBack = (prober: Prober, bucket: Bucket): Prober => ({
  send: (probe, tell) =>
    prober.send(probe, (outcome) => {
      if (outcome.kind !== 'errno' || bucket.take(performance.now())) tell(outcome);
    }),
});
