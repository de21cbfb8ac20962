import type { Timing } from '../../domain/timing-template.ts';
import type { Millis } from '../../domain/units.ts';

/**
 * How many probes may be in flight to one target, after RFC 5681, counted in probes.
 *
 *              threshold reached
 *   slow start ────────────────▶ congestion avoidance
 *       ▲  + 1 per probe concluded     + 1 per window concluded
 *       │                                   │
 *       └── (never: we keep the threshold)  │ loss, seen by a retry sent after the last reduction
 *                                           ▼
 *                          threshold = window = max(floor, in flight ÷ 2)
 *
 * slow start            window < threshold: no loss was seen since the window passed it
 * congestion avoidance  window ≥ threshold
 *
 * Where we differ from TCP, and why: silence is not loss. A host that never answers is not congested, it is silent, so
 * a probe that ends in silence opens the window like an answer. Loss is seen only when a later attempt at the same port is
 * answered. And the floor is a quarter of the initial window, not one: the rate limiter, not the window, keeps us polite,
 * and a network that loses packets at random loses the same share at any window. A target that answers only so fast is no
 * congestion either: see `TargetRateControl`.
 */
export interface CongestionWindow {
  size(): number;
  /** A probe has ended, answered or not. */
  concluded(): void;
  /** A retry sent at `sentAt` was answered, so an attempt before it was lost; `inFlight` probes are in flight. */
  lost(sentAt: Millis, inFlight: number, now: Millis): void;
  /**
   * Begins with the window that another worker had after a loss, where ours has not concluded a probe yet; after that, what
   * the window meets itself is the better evidence, and newer. Only the start is taken over: slow start finds a threshold
   * of its own, so a window that was small by chance (at the end of a chunk hardly any probes are in flight) costs a few
   * round trips. The floor holds as well.
   */
  apply(window: number): void;
  /** The size; where losses let it rise and fall, about the middle of that. */
  typical(): number;
  /** The size, where a loss was seen, by us or by the worker whose window we began with; otherwise null. */
  afterLoss(): number | null;
  /** The least that losses leave of it. */
  readonly floor: number;
}

/** Of so many probes that ended, the sizes are averaged: some ten windows at the floor. */
const AVERAGED = 256;

const FLOOR_SHARE = 1 / 4;

/** However large a template's first window: at a round trip of 50 ms this is still 1,500 probes a second. */
const HIGHEST_FLOOR = 75;

export function makeCongestionWindow(timing: Pick<Timing, 'initialWindow' | 'maxWindow'>): CongestionWindow {
  const floor = Math.max(1, Math.min(HIGHEST_FLOOR, timing.initialWindow * FLOOR_SHARE));
  let window = timing.initialWindow;
  let threshold = timing.maxWindow;
  let reducedAt = Number.NEGATIVE_INFINITY;
  let isFresh = true;
  let lossSeen = false;
  let average = window;
  return {
    floor,
    size: () => Math.floor(window),
    concluded() {
      isFresh = false;
      const growth = window < threshold ? 1 : 1 / window;
      window = Math.min(timing.maxWindow, window + growth);
      average = lossSeen ? average + (window - average) / AVERAGED : window;
    },
    lost(sentAt, inFlight, now) {
      // RFC 5681 section 3.1: one reduction for all the losses of one window.
      if (sentAt <= reducedAt) return;
      reducedAt = now;
      isFresh = false;
      lossSeen = true;
      threshold = Math.max(floor, inFlight / 2);
      window = Math.min(window, threshold);
    },
    apply(others) {
      if (!isFresh) return;
      lossSeen = true;
      window = Math.min(window, Math.max(floor, others));
    },
    typical: () => (lossSeen ? Math.min(average, window * 2) : window),
    afterLoss: () => (lossSeen ? Math.floor(window) : null),
  };
}
