import { type Millis, millis } from '../shared/domain/units.ts';

/** Pauses before the second, third, fourth and fifth delivery: five minutes in all for a table that is down. */
const FIRST_PAUSE = 8_000;
const GROWTH = 3;
const LONGEST_PAUSE = 180_000;

/** Up to a quarter less, so that what failed together does not come back together. */
const JITTER = 0.25;

/**
 * How long a message is left alone after its delivery failed. Without this it would come back only when its visibility
 * is over, three minutes later, also for a fault that is gone in a second. `random` is in [0, 1).
 */
export function pauseAfter(receiveCount: number, random: () => number): Millis {
  const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * GROWTH ** Math.max(0, receiveCount - 1));
  return millis(full * (1 - JITTER * random()));
}
