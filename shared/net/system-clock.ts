import { epochMillis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';

/** The clock and the event loop of this process. */
export const systemClock: Clock = {
  now: () => millis(performance.now()),
  wall: () => epochMillis(Date.now()),
  after(delay, wake) {
    const timer = setTimeout(wake, Math.min(delay, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
  afterTurn: (wake) => {
    setImmediate(wake);
  },
};

/** Node fires a timer of more than 2³¹ − 1 ms at once. */
const LONGEST_TIMER = 2_147_483_647;
