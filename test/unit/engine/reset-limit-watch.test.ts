import { describe, expect, it } from 'vitest';
import { millis } from '../../../shared/domain/units.ts';
import { ResetLimitWatch } from '../../../shared/engine/target/reset-limit-watch.ts';
import { everyNthOpen, scanVirtually } from '../../helpers/virtual-network.ts';

type Told = 'reset' | 'open' | 'silent';

/** Plays outcomes in the order of sending, one a millisecond; gives at which of them the watch spoke up. */
function play(outcomes: readonly Told[]): number[] {
  const watch = new ResetLimitWatch();
  return outcomes.flatMap((outcome, at) => {
    if (outcome === 'silent') return watch.silent(millis(at)) ? [at] : [];
    watch[outcome === 'reset' ? 'reset' : 'opened'](millis(at));
    return [];
  });
}
const times = (count: number, outcome: Told): Told[] => Array.from({ length: count }, () => outcome);

describe('the watch for a limit of resets', () => {
  it('speaks up when resets end at once and open ports answer on', () => {
    expect(play([...times(200, 'reset'), 'open', ...times(100, 'silent')])).toEqual([264]);
  });

  it('says nothing where everything has fallen silent: that is for the pings to tell', () => {
    expect(play(['open', ...times(200, 'reset'), ...times(1_000, 'silent')])).toEqual([]);
  });

  it('says nothing where silent ports lie scattered among closed ones', () => {
    const scattered = Array.from(
      { length: 20_000 },
      (_, at): Told => (at % 7 === 0 ? 'reset' : at % 50 === 1 ? 'open' : 'silent'),
    );
    expect(play(scattered)).toEqual([]);
  });

  it('says nothing of a few closed ports among many that are filtered, which were probed first', () => {
    expect(play([...times(20, 'reset'), 'open', ...times(5_000, 'silent')])).toEqual([]);
  });

  it('begins anew when it has spoken', () => {
    expect(play([...times(200, 'reset'), 'open', ...times(500, 'silent')])).toHaveLength(1);
  });
});

it('A host half of whose ports are filtered is probed as often as before: nothing limits it', async () => {
  const treat = (port: number) => (port % 2 === 0 ? 'silent' : everyNthOpen(41, 'closed')(port, 0, 0));
  const { counts, sent, result } = await scanVirtually({ treat, rtt: 20 }, 4_000, 'T4');
  expect(counts['filtered/no-response']).toBe(2_000);
  expect(sent).toBeLessThan(2_000 + 2 * 2_000 + 100);
  expect(result.tally).not.toHaveProperty('pacedTo');
});
