import type { TimingHints } from '../../domain/timing-hints.ts';
import type { Timing } from '../../domain/timing-template.ts';
import type { Address } from '../../domain/units.ts';
import { type CongestionWindow, makeCongestionWindow } from './congestion-window.ts';
import { type IcmpRateLimit, makeIcmpRateLimit, PATIENCE } from './icmp-limit.ts';
import { makeTargetRateControl, type TargetRateControl } from './rate-control.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { makeRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { makeRttEstimator, type RttEstimator } from './rtt-estimator.ts';
import { makeTimingPings, type TimingPings } from './timing-pings.ts';

/** What a worker knows of one target, and what it owes it. Chunks of the same target share it. */
export interface TargetState {
  readonly rtt: RttEstimator;
  readonly window: CongestionWindow;
  readonly retries: RetryPolicy;
  /** How fast it tells which of its UDP ports are closed. */
  readonly icmpLimit: IcmpRateLimit;
  /** Whether it still answers, where most of its ports are silent. */
  readonly pings: TimingPings;
  /** How fast it can be probed, where more than that is lost. */
  readonly rateControl: TargetRateControl;
  /** Probes in flight to the target from this worker. */
  inFlight: number;
  /** What other workers may want to know; undefined until a round trip was measured. */
  hints(): TimingHints | undefined;
  /** Takes over what another worker knows better. It changes when ports are probed, and how often, but no verdict. */
  apply(hints: TimingHints): void;
}

/** The targets of one scan, as far as this worker has met them. */
export interface TargetStates {
  of(address: Address): TargetState;
  /** The rate limiter of one lane: its share of the target's rate, kept from one chunk of the lane to the next. */
  rateOf(address: Address, lane: number): RateLimiter;
}

/** `share` is how many lanes divide the rate of a target. */
export function makeTargetStates(timing: Timing, share: number): TargetStates {
  const states = new Map<Address, TargetState>();
  const limiters = new Map<string, RateLimiter>();
  const rate = timing.ratePerTarget === null ? null : timing.ratePerTarget / share;
  return {
    of: (address) => remember(states, address, () => makeTargetState(address, timing)),
    rateOf: (address, lane) => remember(limiters, `${address}/${lane}`, () => makeRateLimiter(rate)),
  };
}

function makeTargetState(address: Address, timing: Timing): TargetState {
  const rtt = makeRttEstimator(timing);
  const window = makeCongestionWindow(timing);
  const retries = makeRetryPolicy(timing.maxAttempts);
  return {
    rtt,
    window,
    retries,
    icmpLimit: makeIcmpRateLimit(PATIENCE[timing.template]),
    pings: makeTimingPings(),
    rateControl: makeTargetRateControl(),
    inFlight: 0,
    hints() {
      const measured = rtt.measured();
      if (!measured) return undefined;
      const { smoothed, variation } = measured;
      const attempts = retries.attemptsAllowed();
      return { address, smoothedRtt: smoothed, rttVariation: variation, attempts, window: window.afterLoss() };
    },
    apply(hints) {
      rtt.apply({ smoothed: hints.smoothedRtt, variation: hints.rttVariation });
      retries.raise(hints.attempts);
      if (hints.window !== null) window.apply(hints.window);
    },
  };
}

/** A wide sweep meets millions of targets once; those met longest ago are forgotten beyond so many. */
const TARGETS_REMEMBERED = 65_536;

function remember<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const [oldest] = known.keys();
  if (known.size >= TARGETS_REMEMBERED && oldest !== undefined) known.delete(oldest);
  const made = make();
  known.set(key, made);
  return made;
}
