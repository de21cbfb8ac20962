import { epochMillis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';

/** Node fires a timer of more than 2³¹ − 1 ms at once. */
const LONGEST_TIMER = 2_147_483_647;

/** The origin of the monotonic clock stays true to the wall until the machine sleeps or its clock is set. */
const TRUE_WITHIN = 5;

/** Wall time to the microsecond where the monotonic clock still agrees with the wall, to the millisecond otherwise. */
function wall(): number {
  const fine = performance.timeOrigin + performance.now();
  const coarse = Date.now();
  return Math.abs(fine - coarse) < TRUE_WITHIN ? fine : coarse;
}

/** The clock and the event loop of this process. */
export const systemClock: Clock = {
  now: () => millis(performance.now()),
  wall: () => epochMillis(wall()),
  after(delay, wake) {
    // Node counts in whole milliseconds, and would wake before a fraction is over.
    const timer = setTimeout(wake, Math.min(Math.ceil(delay), LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
  afterTurn(wake) {
    setImmediate(wake);
  },
};
