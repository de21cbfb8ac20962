import { describe, expect, it } from 'vitest';
import { epochMillis, millis } from '../../../shared/domain/units.ts';
import { steadyClock } from '../../../shared/net/steady-clock.ts';
import { manualClock } from '../../helpers/manual-clock.ts';

const HOUR = 3_600_000;

/** A machine whose clock can be set, and that can sleep: then its monotonic clock stands, and its uptime goes on. */
function machine() {
  const monotonic = manualClock();
  let [set, slept] = [0, 0];
  const clock = { ...monotonic, wall: () => epochMillis(monotonic.wall() + set + slept) };
  return {
    sources: { clock, uptime: () => (monotonic.now() + slept) / 1_000 },
    wall: clock.wall,
    set(by: number) {
      set += by;
    },
    pass: (by: number) => monotonic.advance(millis(by)),
    sleep(by: number) {
      slept += by;
    },
  };
}

describe('The clock of a scan', () => {
  it.each([HOUR, -HOUR, 2_000, -2_000])('goes on evenly when the machine’s clock is set by %i ms', (by) => {
    const { sources, set, pass } = machine();
    const clock = steadyClock(undefined, sources);
    const start = clock.wall();
    pass(5_000);
    set(by);
    expect(clock.wall() - start).toBe(5_000);
    pass(5_000);
    expect(clock.wall() - start).toBe(10_000);
    set(-by);
    expect(clock.wall() - start).toBe(10_000);
  });

  it('follows small corrections of the network’s time', () => {
    const { sources, set, pass, wall } = machine();
    const clock = steadyClock(undefined, sources);
    pass(60_000);
    set(300);
    expect(clock.wall()).toBe(wall());
  });

  it('counts the time for which the machine slept', () => {
    const { sources, pass, sleep } = machine();
    const clock = steadyClock(undefined, sources);
    const start = clock.wall();
    pass(1_000);
    sleep(HOUR);
    pass(1_000);
    expect(clock.wall() - start).toBe(HOUR + 2_000);
  });

  it('goes by the time of the process that began, where the clock was set in between', () => {
    const { sources, set, pass } = machine();
    const first = steadyClock(undefined, sources);
    pass(1_000);
    set(-HOUR);
    const second = steadyClock(first.wall(), sources);
    pass(1_000);
    expect(second.wall()).toBe(first.wall());
  });
});
