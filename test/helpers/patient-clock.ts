import { millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { Clock } from '../../shared/seams/clock.ts';

/**
 * Milliseconds between two turns of the event loop that count, as many as the timer has: in a longer pause the machine did
 * something else.
 */
const LONGEST_TURN = 1;

/**
 * The time that this process had the machine for. It goes on turn by turn, and each turn looks at the sockets: where the
 * servers live in this process too, a timeout means that nothing was said, however busy the machine is.
 */
export function patientClock(): Clock {
  let [elapsed, last] = [0, 0];
  let turning: NodeJS.Timeout | undefined;
  const alarms = new Set<{ readonly at: number; readonly wake: () => void }>();
  function turn(): void {
    const now = performance.now();
    elapsed += Math.min(now - last, LONGEST_TURN);
    last = now;
    for (const alarm of [...alarms]) if (alarm.at <= elapsed && alarms.delete(alarm)) alarm.wake();
    if (alarms.size > 0) return;
    clearInterval(turning);
    turning = undefined;
  }
  return {
    ...systemClock,
    now: () => millis(elapsed),
    after(delay, wake) {
      const alarm = { at: elapsed + delay, wake };
      alarms.add(alarm);
      if (!turning) {
        last = performance.now();
        turning = setInterval(turn, 1);
      }
      return () => alarms.delete(alarm);
    },
  };
}
