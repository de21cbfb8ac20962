import { type Millis, millis } from '../domain/units.ts';

/**
 * When to stop asking, on the monotonic clock: early enough that what was found can still be written. `remaining` is
 * the time that is left to the process, `writing` what of it belongs to the writes.
 */
export const workDeadline = (now: Millis, remaining: Millis, writing: Millis): Millis =>
  millis(now + Math.max(0, remaining - writing));
