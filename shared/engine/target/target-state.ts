import type { Probe } from '../../domain/probe.ts';
import type { TimingHints } from '../../domain/timing-hints.ts';
import { farTimeoutOf, type Timing } from '../../domain/timing-template.ts';
import { type Address, epochMillis, type Millis, millis, type PortNumber } from '../../domain/units.ts';
import type { Clock } from '../../seams/clock.ts';
import { type CongestionWindow, makeCongestionWindow } from './congestion-window.ts';
import { Hearing, SILENCE_PATIENCE } from './hearing.ts';
import { type IcmpRateLimit, makeIcmpRateLimit, PATIENCE } from './icmp-limit.ts';
import { TargetRateControl } from './rate-control.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { ResetLimitWatch } from './reset-limit-watch.ts';
import { ResetWatch } from './reset-watch.ts';
import { makeRetryPolicy, type RetryPolicy } from './retry-policy.ts';
import { makeRttEstimator, type RttEstimator } from './rtt-estimator.ts';

/** What a worker knows of one target, and what it owes it. Chunks of the same target share it. */
export interface TargetState {
  readonly rtt: RttEstimator;
  readonly window: CongestionWindow;
  readonly retries: RetryPolicy;
  /** How fast it tells which of its UDP ports are closed. */
  readonly icmpLimit: IcmpRateLimit;
  /** Whether it still answers, and which silences count. */
  readonly hearing: Hearing;
  /** Whether it began to reset everything. */
  readonly resets: ResetWatch;
  /** Whether it sends only so many resets. */
  readonly resetLimit: ResetLimitWatch;
  /** How long all of it may take; null where that is not bounded. It begins with its first probe from this worker. */
  readonly hostTimeout: Millis | null;
  begunAt: Millis | null;
  /** How long the first probes of a target wait that was never heard: it may be far. */
  readonly farTimeout: Millis;
  /** Probes that wait, or waited, for so long; infinite where another worker knows how far it is. */
  farProbes: number;
  /** How fast it can be probed, where more than that is lost. */
  readonly rateControl: TargetRateControl;
  /** Probes in flight to the target from this worker. */
  inFlight: number;
  /** What other workers may want to know; undefined until a round trip was measured. */
  hints(clock: Clock): TimingHints | undefined;
  /** Takes over what another worker knows better: when ports are probed, how often, and by which port the target is heard. */
  apply(hints: TimingHints, clock: Clock): void;
}

/** The targets of one scan, as far as this worker has met them. */
export interface TargetStates {
  /** What losses were seen over all of them: how often a target deserves an attempt of which nothing is known. */
  readonly pooledRetries: RetryPolicy;
  of(address: Address): TargetState;
  /** The rate limiter of one lane: its share of the target's rate, kept from one chunk of the lane to the next. */
  rateOf(address: Address, lane: number): RateLimiter;
  /** The same of the rate that is not to be fallen short of; null where there is none. */
  floorOf(address: Address, lane: number): RateLimiter | null;
}

/** `share` is how many lanes divide the rate of a target. */
export function makeTargetStates(timing: Timing, share: number): TargetStates {
  const states = new Map<Address, TargetState>();
  const limiters = new Map<string, RateLimiter>();
  const floors = new Map<string, RateLimiter>();
  const rate = timing.ratePerTarget === null ? null : timing.ratePerTarget / share;
  const leastRate = timing.minRatePerTarget === undefined ? null : timing.minRatePerTarget / share;
  return {
    pooledRetries: makeRetryPolicy(timing.maxAttempts),
    of: (address) => remember(states, address, () => makeTargetState(address, timing, leastRate)),
    rateOf: (address, lane) => remember(limiters, `${address}/${lane}`, () => makeRateLimiter(rate)),
    floorOf: (address, lane) =>
      leastRate === null ? null : remember(floors, `${address}/${lane}`, () => makeRateLimiter(leastRate)),
  };
}

/**
 * Its rate goes a little over the limit now and then, to see whether it still holds. What is lost of that is taken back
 * where it was measured; of what falls between two measures, three in a row are lost to next to no port.
 */
const ATTEMPTS_IF_LIMITED = 3;

function makeTargetState(address: Address, timing: Timing, leastRate: number | null): TargetState {
  const rtt = makeRttEstimator(timing);
  const window = makeCongestionWindow(timing);
  const retries = makeRetryPolicy(timing.maxAttempts);
  const hearing = new Hearing({
    patience: SILENCE_PATIENCE[timing.template],
    attempts: retries.attemptsAllowed,
    onCrowded: () => rateControl.fellSilent(),
  });
  const resets = new ResetWatch();
  const rateControl = new TargetRateControl((from, to) => {
    hearing.takeBack(from, to);
    // Losses of before the limit was known were of our making; later ones are few, and may be the line's.
    if (from === Number.NEGATIVE_INFINITY) retries.forget();
    retries.raise(ATTEMPTS_IF_LIMITED);
  }, leastRate ?? undefined);
  return {
    rtt,
    window,
    retries,
    icmpLimit: makeIcmpRateLimit(PATIENCE[timing.template]),
    hearing,
    resets,
    resetLimit: new ResetLimitWatch(),
    hostTimeout: timing.hostTimeout ?? null,
    begunAt: null,
    farTimeout: farTimeoutOf(timing),
    farProbes: 0,
    rateControl,
    inFlight: 0,
    hints(clock) {
      const measured = rtt.measured();
      if (!measured) return undefined;
      const { smoothed, variation } = measured;
      const attempts = retries.attemptsAllowed();
      const known = { smoothedRtt: smoothed, rttVariation: variation, attempts, window: window.afterLoss() };
      return { address, ...known, ...portsHeard(this, clock) };
    },
    apply(hints, clock) {
      this.farProbes = Number.POSITIVE_INFINITY;
      rtt.apply({ smoothed: hints.smoothedRtt, variation: hints.rttVariation });
      retries.raise(hints.attempts);
      if (hints.window !== null) window.apply(hints.window);
      recallPorts(this, hints, clock);
    },
  };
}

/** By which ports the target was heard, and when. */
function portsHeard({ hearing, resets }: TargetState, clock: Clock) {
  const [closed, open] = [hearing.known(true), hearing.known(false) ?? resets.openPort()];
  const heardAt = closed || open ? epochMillis(clock.wall() - (clock.now() - hearing.lastHeardAt)) : null;
  return { closedPort: closed?.port ?? null, openPort: open?.port ?? null, heardAt };
}

/** A target that another worker has heard is no unknown one: its silence is not that of its ports. */
function recallPorts({ hearing, resets }: TargetState, hints: TimingHints, clock: Clock): void {
  const { address, closedPort, openPort, heardAt } = hints;
  if (heardAt === null) return;
  const at = millis(clock.now() - Math.max(0, clock.wall() - heardAt));
  const probeOf = (port: PortNumber): Probe => ({ address, protocol: 'tcp', port });
  if (openPort !== null) resets.recall(probeOf(openPort), at);
  const known: [Probe, boolean][] = [];
  if (closedPort !== null) known.push([probeOf(closedPort), true]);
  if (openPort !== null) known.push([probeOf(openPort), false]);
  hearing.recall(known, at);
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
