import { describe, expect, it } from 'vitest';
import { mutated } from '../fuzz/mutate.ts';
import { failuresOfCorpus, fuzz } from '../fuzz/run-cases.ts';
import { TARGETS } from '../fuzz/targets.ts';
import { seededRandom } from '../helpers/faults.ts';

/** The short form of "npm run fuzz", which runs a million cases under a new seed each time, and 100,000 in CI. */
const CASES = 2_500;

describe('Hostile input', () => {
  it('that once showed a mistake shows none any more', async () => {
    expect(await failuresOfCorpus()).toEqual([]);
  });

  it.each([1, 2])(
    'is read or refused in bounded words, and written without control characters (seed %i)',
    async (seed) => {
      const { done, failures } = await fuzz(seed, { cases: CASES, isOver: () => false });
      expect(failures).toEqual([]);
      expect(done).toBe(CASES);
    },
  );

  it.each(TARGETS)(
    'of the kind "$name" is not always the same, and not always refused for its first character',
    (target) => {
      const random = seededRandom(3);
      const cases = Array.from({ length: 200 }, () => mutated(target, random));
      expect(new Set(cases).size).toBeGreaterThan(100);
    },
  );
});
