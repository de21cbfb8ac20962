import type { Timing } from '../../domain/timing-template.ts';
import { type Millis, millis } from '../../domain/units.ts';

/** RFC 6298 section 2: the gain of the smoothed value, of the variation, and its weight in the timeout. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;

/**
 * The kernel repeats a SYN after 1 s (RFC 6298 section 2.1), so an answer that takes that long may be the answer to the
 * repeat. Karn's rule: take no sample from an ambiguous answer, unless nothing better is known; then the target may be
 * that far, and waiting too long is the safe mistake. Our own retries are not ambiguous, each has a socket of its own.
 */
const KERNEL_REPEATS_AFTER = millis(1_000);

/** SRTT and RTTVAR of RFC 6298. */
export interface RoundTrip {
  readonly smoothed: Millis;
  readonly variation: Millis;
}

export interface RttEstimator {
  /** Takes in one answered probe. */
  sample(rtt: Millis): void;
  /** Goes by what another worker measured, until there is a sample of our own. */
  apply(measured: RoundTrip): void;
  /** How long to wait for an answer to the next probe; `last`: its port is given up when this one is silent too. */
  timeout(last?: boolean): Millis;
  /** What our own samples say; null until the first. */
  measured(): RoundTrip | null;
  /** The same, smoothed alone. */
  smoothed(): Millis | null;
}

type Timeouts = Pick<Timing, 'initialRttTimeout' | 'minRttTimeout' | 'maxRttTimeout'>;

/** The timeout that follows from a round trip, clamped to what the template allows. */
export const timeoutOf = ({ smoothed, variation }: RoundTrip, { minRttTimeout, maxRttTimeout }: Timeouts): Millis =>
  millis(Math.min(maxRttTimeout, Math.max(minRttTimeout, smoothed + K * variation)));

/**
 * The round-trip time of one target after RFC 6298. A hint is not mixed with samples: the first of our own takes
 * its place as if nothing had been known, for the worker that measured it may sit elsewhere, or have measured long ago.
 * Only answers heal a value that is too short, and none would come in time for it; so until we have one, the last attempt
 * at a port waits as long as the template says, and a hint alone never makes a port silent.
 */
export function makeRttEstimator(timing: Timeouts): RttEstimator {
  let own: RoundTrip | null = null;
  let hint: RoundTrip | null = null;
  return {
    sample(rtt) {
      const isAmbiguous = rtt >= KERNEL_REPEATS_AFTER;
      const wasAmbiguous = own !== null && own.smoothed >= KERNEL_REPEATS_AFTER;
      if (own === null || (wasAmbiguous && !isAmbiguous)) own = { smoothed: rtt, variation: millis(rtt / 2) };
      else if (wasAmbiguous === isAmbiguous) own = smooth(own, rtt);
    },
    apply(measured) {
      hint = measured;
    },
    timeout(last = false) {
      if (own) return timeoutOf(own, timing);
      if (!hint) return timing.initialRttTimeout;
      const hinted = timeoutOf(hint, timing);
      return last ? millis(Math.max(hinted, timing.initialRttTimeout)) : hinted;
    },
    measured: () => own,
    smoothed: () => own?.smoothed ?? null,
  };
}

const smooth = ({ smoothed, variation }: RoundTrip, rtt: Millis): RoundTrip => ({
  smoothed: millis((1 - ALPHA) * smoothed + ALPHA * rtt),
  variation: millis((1 - BETA) * variation + BETA * Math.abs(smoothed - rtt)),
});
