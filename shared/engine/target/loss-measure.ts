import type { Millis } from '../../domain/units.ts';

/** Fewer than go out while eight pings do, so that it is ready first; at 200 a second a quarter of a second. */
const MOST_PORTS_MEASURED = 48;
/** At a low rate a measure takes a second, and no fewer than of which one that is lost is no share to act upon. */
const LEAST_PORTS_MEASURED = 16;

/**
 * Of the next probes to be sent, how many are answered. Answers come sooner than silences, so it is these very probes that
 * count, and whatever ends first does not.
 */
export function makePortMeasure(since: number, rate: number) {
  const measured = Math.max(LEAST_PORTS_MEASURED, Math.min(MOST_PORTS_MEASURED, Math.ceil(rate)));
  let sent = 0;
  let until = Number.POSITIVE_INFINITY;
  let [ended, answered] = [0, 0];
  return {
    sent(at: Millis): void {
      sent += 1;
      if (sent === measured) until = at;
    },
    ended(isAnswered: boolean, sentAt: Millis): void {
      if (sentAt < since || sentAt > until) return;
      ended += 1;
      if (isAnswered) answered += 1;
    },
    isFull: (): boolean => ended >= measured,
    told: (): number => ended,
    answered: (): number => answered / Math.max(1, ended),
  };
}

/** What share of the probes is lost, and at which rate they were sent. */
export interface Loss {
  /** 0 to 1. */
  readonly share: number;
  /** Probes a second while there was something to send. */
  readonly rate: number;
  /** How many probes told it. */
  readonly of: number;
  /** They were pings; otherwise the ports' own probes. */
  readonly isOfPings: boolean;
}

/** One measuring of `Loss`: some of the probes are pings of ports that answer, and how many of these stay silent tells. */
interface LossMeasure {
  /** The next probe is to be a ping. */
  wantsPing(): boolean;
  /** A probe goes out, a ping or another one. */
  sent(at: Millis, isPing: boolean): void;
  /** A ping was wanted, and this machine failed to send it. */
  notSent(): void;
  /** A ping has ended. */
  ended(isAnswered: boolean): void;
  /** Every ping it takes has ended. */
  isFull(): boolean;
  /** No more is in flight, and there were enough for a measure. */
  isAtRest(): boolean;
  result(): Loss;
}

/** With one ping in eight the other seven probes are the scan's own. */
const PING_EVERY = 8;

/** How many pings go out in a second at a rate. */
export const pingsIn = (rate: number): number => Math.ceil(rate / PING_EVERY);

/** Probes come in bursts: between two of them, while timeouts pass, nothing is sent too fast. */
const LONGEST_GAP = 30;

/** Fewer than these measure nothing; as many will do to follow a limit that is known. */
export const LEAST_PINGS = 8;

export function makeLossMeasure(pings: number): LossMeasure {
  let probes = 0;
  let [busy, last] = [0, 0];
  let [sent, ended, answered] = [0, 0, 0];
  return {
    wantsPing: () => sent < pings && probes >= sent * PING_EVERY,
    sent(at, isPing) {
      if (sent === pings) return;
      if (probes > 0) busy += Math.min(at - last, LONGEST_GAP);
      last = at;
      probes += 1;
      if (isPing) sent += 1;
    },
    notSent() {
      if (sent > ended) sent -= 1;
    },
    ended(isAnswered) {
      // A ping of the measure before may end in this one; it tells as much.
      if (ended === sent) return;
      ended += 1;
      if (isAnswered) answered += 1;
    },
    isFull: () => ended === pings,
    isAtRest: () => ended === sent && ended >= LEAST_PINGS,
    result: () => ({
      share: ended === 0 ? 0 : 1 - answered / ended,
      rate: (probes * 1_000) / Math.max(1, busy),
      of: ended,
      isOfPings: true,
    }),
  };
}
