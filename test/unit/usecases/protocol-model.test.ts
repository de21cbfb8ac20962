import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../helpers/faults.ts';
import { runWorld } from '../../helpers/fleet-model/world.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';

/** Two seconds of it; `npm run test:faults` tries as many schedules as there is time for, over SQLite too. */
describe('The protocol of a fleet, under schedules at random,', () => {
  it.each([1, 2, 3, 4, 5])('ends every scan, loses nothing and invents nothing (seed %i)', async (seed) => {
    const { scans, broken } = await runWorld({
      random: seededRandom(seed),
      store: makeMemoryScanStore(),
      weather: { death: 0.01 * seed, failure: 0.02, slowness: 0.02 },
      scans: 2,
      workers: 3,
    });
    expect(broken).toEqual([]);
    expect(scans).toHaveLength(2);
  });
});
