import type { Timing } from '../domain/timing-template.ts';
import { type Millis, millis } from '../domain/units.ts';

/** RFC 6298 section 2: the gain of the smoothed value, of the variation, and its weight in the timeout. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;

/**
 * The kernel repeats a SYN after 1 s (RFC 6298 section 2.1), so an answer that takes that long may be the answer to the
 * repeat. Karn's rule: take no sample from an ambiguous answer. Our own retries are not ambiguous, each has a socket
 * of its own.
 */
const KERNEL_REPEATS_AFTER = millis(1_000);

export interface RttEstimator {
  /** Learns from one answered ask. */
  sample(rtt: Millis): void;
  /** How long to wait for an answer to the next ask. */
  timeout(): Millis;
  /** Null until the first answer. */
  smoothed(): Millis | null;
}

/** The round-trip time of one target after RFC 6298, clamped to what the template allows. */
export function makeRttEstimator(
  timing: Pick<Timing, 'initialRttTimeout' | 'minRttTimeout' | 'maxRttTimeout'>,
): RttEstimator {
  let smoothed: number | null = null;
  let variation = 0;
  return {
    sample(rtt) {
      if (rtt >= KERNEL_REPEATS_AFTER) return;
      if (smoothed === null) {
        smoothed = rtt;
        variation = rtt / 2;
        return;
      }
      variation = (1 - BETA) * variation + BETA * Math.abs(smoothed - rtt);
      smoothed = (1 - ALPHA) * smoothed + ALPHA * rtt;
    },
    timeout() {
      if (smoothed === null) return timing.initialRttTimeout;
      const estimate = smoothed + K * variation;
      return millis(Math.min(timing.maxRttTimeout, Math.max(timing.minRttTimeout, estimate)));
    },
    smoothed: () => (smoothed === null ? null : millis(smoothed)),
  };
}
