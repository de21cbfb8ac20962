import { describe, expect, it } from 'vitest';
import type { Watch } from '../../../shared/domain/watch.ts';
import { applyWatches, planWatches } from '../../../shared/usecases/apply-watches.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryWatchStore } from '../../helpers/memory-watch-store.ts';
import { freshWatchId, sampleWatch } from '../../helpers/sample-watch.ts';

describe('A file of watches', () => {
  it('is made true: what is new is added, what differs is changed, what is not in it goes', async () => {
    const watches = makeMemoryWatchStore();
    const manage = { watches, clock: manualClock(), newWatchId: freshWatchId, newSecret: () => 'fresh' };
    const [same, changing, going] = ['same', 'changing', 'going'].map((name) => sampleWatch({ spec: { name } })) as [
      Watch,
      Watch,
      Watch,
    ];
    for (const watch of [same, changing, going]) await watches.createWatch(watch);
    const changed = { ...changing.spec, notify: ['exec:./tell'] };
    const added = { ...same.spec, name: 'added' };
    const plan = await planWatches([same.spec, changed, added], manage);
    expect(plan).toMatchObject({
      added: [added],
      changed: [{ watch: { id: changing.id }, spec: changed }],
      removed: [{ id: going.id }],
      unchanged: 1,
    });
    expect(await applyWatches(plan, 'local', manage)).toEqual({ ok: true, value: undefined });
    const after: Watch[] = [];
    for await (const watch of watches.listWatches()) after.push(watch);
    expect(after.map(({ spec }) => spec)).toEqual([added, changed, same.spec]);
    expect(after.find(({ spec }) => spec.name === 'changing')?.id).toBe(changing.id);
    expect(await planWatches([same.spec, changed, added], manage)).toMatchObject({
      added: [],
      changed: [],
      removed: [],
      unchanged: 3,
    });
  });
});
