import { type Millis, millis } from '../domain/units.ts';
import type { Patience } from './session-steps.ts';

/**
 * How long an interview waits, in milliseconds beyond the round-trip times. They bound what a port can cost: a port that
 * takes connections and says nothing is let go after 0.5 + 0.9 + 0.5 s and a dozen round trips, and 20 of them at once take
 * no longer than one.
 */

/** Two SYNs that the kernel repeats, after 1 s and after 3 s, may be lost. */
const CONNECT = 3_500;

/** An SSH or mail server may look up our name before it greets: a resolver's timeout is 5 s, most answer within 4. */
const GREETING: Readonly<Record<Patience, number>> = { none: 0, short: 100, stranger: 500, long: 4_000 };

/** A Java server needs up to a second for its first answer; a server that was never meant to understand is not waited for. */
const ANSWER: Readonly<Record<Patience, number>> = { none: 500, short: 1_500, stranger: 900, long: 1_500 };

/** What comes in several segments comes within a round trip, or a few milliseconds of a busy machine. */
const PAUSE = 80;

/** Where the round trip takes longer, the far end is a satellite or the sweep was in its own way: not worth more patience. */
const LONGEST_ROUND_TRIP = 1_000;

/** Round trips in a wait: TLS 1.2 needs two, and a lost segment is repeated after one more at the earliest (RFC 6298). */
const ROUND_TRIPS = 3;

export interface Waits {
  readonly connect: Millis;
  readonly greeting: (patience: Patience) => Millis;
  readonly answer: (patience: Patience) => Millis;
  readonly pause: Millis;
}

/** The waits for a target that is `roundTrip` away. */
export function waitsFor(roundTrip: Millis): Waits {
  const trips = ROUND_TRIPS * Math.min(roundTrip, LONGEST_ROUND_TRIP);
  return {
    connect: millis(CONNECT + trips),
    greeting: (patience) => millis(patience === 'none' ? 0 : GREETING[patience] + trips),
    answer: (patience) => millis(ANSWER[patience] + trips),
    pause: millis(PAUSE + trips / 2),
  };
}
