import { uptime } from 'node:os';
import { type EpochMillis, epochMillis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import { systemClock } from './system-clock.ts';

/** Within so much, in milliseconds, the wall clock is taken to have run on by itself. */
const RUNS_ON_WITHIN = 1_000;

/**
 * A clock whose wall time cannot jump: from the moment at which it is made it goes on with the monotonic clock, whatever
 * the machine's clock is set to meanwhile. Times of one scan then stay in their order, and a duration is what has passed.
 * A machine that sleeps does not count as set: the time since it was started (`uptime`) goes on while it sleeps.
 *
 * @param agreed what another process, whose clock began before ours, takes for the time now
 */
export function steadyClock(agreed?: EpochMillis, system: SteadySources = SYSTEM): Clock {
  const own = system.clock.wall();
  const start = agreed !== undefined && Math.abs(agreed - own) > RUNS_ON_WITHIN ? agreed : own;
  const [startedAt, upAtStart] = [system.clock.now(), system.uptime()];
  const offset = start - own;
  return {
    ...system.clock,
    wall() {
      const [passed, wall] = [system.clock.now() - startedAt, system.clock.wall() + offset];
      // While both agree, the wall clock is the finer one, and is kept right by the network.
      if (Math.abs(wall - start - passed) < RUNS_ON_WITHIN) return epochMillis(wall);
      const up = (system.uptime() - upAtStart) * 1_000;
      return epochMillis(start + (up - passed > RUNS_ON_WITHIN ? up : passed));
    },
  };
}

/** Where the time comes from; `uptime` in seconds, as Node gives it. */
export interface SteadySources {
  readonly clock: Clock;
  readonly uptime: () => number;
}

const SYSTEM: SteadySources = { clock: systemClock, uptime };
