import { describe, expect, it } from 'vitest';
import { planWatches } from '../../../shared/watch/plan-watches.ts';

describe('A file of watches', () => {
  const watch = (name: string, every = '6h') => ({ name, targets: ['127.0.0.1'], every });

  it('differs by what is new, what is another, and what is not in it', () => {
    const plan = planWatches(
      [watch('b-new'), watch('same'), watch('a-new'), watch('other', '1h')],
      [watch('going'), watch('other'), watch('same')],
    );
    expect(plan).toEqual({
      added: [watch('a-new'), watch('b-new')],
      changed: [watch('other', '1h')],
      removed: ['going'],
      unchanged: 1,
    });
  });

  it('does not differ by the order in which something is written', () => {
    const { name, targets, every } = watch('same');
    expect(planWatches([{ every, targets, name }], [{ name, targets, every }])).toMatchObject({
      changed: [],
      unchanged: 1,
    });
  });
});
