import { type Millis, millis } from './units.ts';

/**
 * How fast a target is probed and how long an answer is waited for. The names and the timeouts are nmap's
 * (`-T0` to `-T5`); the rate and the window are ours, because nmap derives its rate from answers and so crawls on a
 * target that gives none.
 */
export interface Timing {
  readonly template: TimingName;
  /** How long the first probes wait, before the target's own round-trip time is known. */
  readonly initialRttTimeout: Millis;
  readonly minRttTimeout: Millis;
  readonly maxRttTimeout: Millis;
  /** Attempts at a silent port, at the most; two suffice where no packet was ever seen lost. */
  readonly maxAttempts: number;
  /** Probes per second to one target address, over all workers; null is no limit. */
  readonly ratePerTarget: number | null;
  /** As many go out even where what the target answers calls for fewer; absent where none are forced. */
  readonly minRatePerTarget?: number;
  /** How long one target may take, from its first probe; absent where it may take as long as it takes. */
  readonly hostTimeout?: Millis;
  /** Probes in flight to one target at the start, and at the most. */
  readonly initialWindow: number;
  readonly maxWindow: number;
}

export const TIMING_NAMES = ['T0', 'T1', 'T2', 'T3', 'T4', 'T5'] as const;
export type TimingName = (typeof TIMING_NAMES)[number];

/** nmap's words for the templates, which its users also write (`-T polite`). */
export const TIMING_WORDS = {
  paranoid: 'T0',
  sneaky: 'T1',
  polite: 'T2',
  normal: 'T3',
  aggressive: 'T4',
  insane: 'T5',
} as const satisfies Record<string, TimingName>;

/** The window is never the limit: the socket budget is. 2¹⁶ is every port of a target at once. */
const UNBOUNDED_WINDOW = 65_536;

/**
 * maxAttempts is nmap's max-retries + 1 (10, 10, 10, 10, 6), and at T5 that of T4: only ports of a target that is seen to
 * lose packets are tried so often, and nmap's three attempts called 49 of 48,000 closed ports filtered where 5 % are lost
 * each way, 340 at 10 %, in the same time; of silent ports it takes up to twice as long. T0 and T1 are nmap's one probe per
 * 5 minutes and per 15 seconds. The rates of T2 to T4 keep 65,535 ports of a target that answers within 164 s, 22 s and
 * 3.3 s. The first window of T4 is what its rate puts under way within its first timeout: it goes at its rate from the
 * start. T5 has no rate, and begins with what T4 sends in the first tenth of a second: at a silent host a window grows by
 * timeouts alone.
 */
export const TIMING_TEMPLATES = {
  T0: row('T0', { initial: 300_000, min: 100, max: 300_000, attempts: 11, rate: 1 / 300, window: [1, 1] }),
  T1: row('T1', { initial: 15_000, min: 100, max: 15_000, attempts: 11, rate: 1 / 15, window: [1, 1] }),
  T2: row('T2', { initial: 1_000, min: 100, max: 10_000, attempts: 11, rate: 400, window: [50, UNBOUNDED_WINDOW] }),
  T3: row('T3', { initial: 1_000, min: 100, max: 10_000, attempts: 11, rate: 3_000, window: [100, UNBOUNDED_WINDOW] }),
  T4: row('T4', { initial: 500, min: 100, max: 1_250, attempts: 7, rate: 20_000, window: [10_000, UNBOUNDED_WINDOW] }),
  T5: row('T5', { initial: 250, min: 50, max: 300, attempts: 7, rate: null, window: [2_000, UNBOUNDED_WINDOW] }),
} as const satisfies Record<TimingName, Timing>;

export const DEFAULT_TIMING: TimingName = 'T3';

/** No host is farther than a satellite link on either side, retransmission included; nmap's own bound is 10 s. */
const FARTHEST = 3_000;

/** How long silence and distance are told apart, for a target that was never heard: 3 s at T3, 1.25 s at T4, 0.3 s at T5. */
export const farTimeoutOf = ({ initialRttTimeout, maxRttTimeout }: Timing): Millis =>
  millis(Math.max(initialRttTimeout, Math.min(maxRttTimeout, FARTHEST)));

interface Row {
  initial: number;
  min: number;
  max: number;
  attempts: number;
  rate: number | null;
  window: [initial: number, max: number];
}

function row(template: TimingName, { initial, min, max, attempts, rate, window }: Row): Timing {
  return {
    template,
    initialRttTimeout: millis(initial),
    minRttTimeout: millis(min),
    maxRttTimeout: millis(max),
    maxAttempts: attempts,
    ratePerTarget: rate,
    initialWindow: window[0],
    maxWindow: window[1],
  };
}
