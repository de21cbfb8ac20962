import type { Millis } from '../../domain/units.ts';

/** What share of the asks is lost, and at which rate they were made. */
export interface Loss {
  /** 0 to 1. */
  readonly share: number;
  /** Asks a second while there was something to ask. */
  readonly rate: number;
}

/** One measuring of `Loss`: some of the asks are pings of ports that answer, and how many of these stay silent tells. */
export interface LossMeasure {
  /** The next ask is to be a ping. */
  wantsPing(): boolean;
  /** An ask goes out, a ping or another one. */
  asked(at: Millis, isPing: boolean): void;
  /** A ping was wanted, and this machine failed to send it. */
  unasked(): void;
  /** A ping has ended. */
  ended(answered: boolean): void;
  /** Every ping it takes has ended. */
  isFull(): boolean;
  /** No more is under way, and there were enough for a measure. */
  isAtRest(): boolean;
  result(): Loss;
}

/** With one ask in eight a measure is over in 200 asks, and the other seven still do what we are here for. */
const PING_EVERY = 8;

/** Asks come in bursts: between two of them, while timeouts pass, nobody is asked too fast. */
const LONGEST_GAP = 30;

/** Fewer than these measure nothing; as many will do to follow a limit that is known. */
export const LEAST_PINGS = 8;

export function makeLossMeasure(pings: number): LossMeasure {
  let asks = 0;
  let [busy, last] = [0, 0];
  let [sent, ended, answered] = [0, 0, 0];
  return {
    wantsPing: () => sent < pings && asks >= sent * PING_EVERY,
    asked(at, isPing) {
      if (sent === pings) return;
      if (asks > 0) busy += Math.min(at - last, LONGEST_GAP);
      last = at;
      asks += 1;
      if (isPing) sent += 1;
    },
    unasked() {
      if (sent > ended) sent -= 1;
    },
    ended(wasAnswered) {
      // A ping of the measure before may end in this one; it tells as much.
      if (ended === sent) return;
      ended += 1;
      if (wasAnswered) answered += 1;
    },
    isFull: () => ended === pings,
    isAtRest: () => ended === sent && ended >= LEAST_PINGS,
    result: () => ({ share: ended === 0 ? 0 : 1 - answered / ended, rate: (asks * 1_000) / Math.max(1, busy) }),
  };
}
