import { describe, expect, it } from 'vitest';
import { epochMillis, millis } from '../../../shared/domain/units.ts';
import { deliverMessages, type SendMessage } from '../../../shared/usecases/deliver-messages.ts';
import { addWatch, findWatch, sendTest } from '../../../shared/usecases/manage-watches.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryWatchStore } from '../../helpers/memory-watch-store.ts';
import { freshWatchId, sampleWatch } from '../../helpers/sample-watch.ts';

const log = { info: () => {}, warn: () => {} };

async function withDelivery() {
  const [clock, watches] = [manualClock(), makeMemoryWatchStore()];
  const watch = sampleWatch({ spec: { notify: ['https://example.org/hook'] } });
  const manage = { watches, clock, newWatchId: freshWatchId, newSecret: () => 'fresh' };
  const [id] = await sendTest(watch, manage);
  const deliver = (send: SendMessage) => deliverMessages({ watches, clock, log, send });
  const state = async () => (await watches.listDeliveries(watch.id, 1))[0];
  return { clock, id, deliver, state };
}

describe('A delivery', () => {
  it('is tried again with growing pauses, and given up after a day', async () => {
    const { clock, deliver, state } = await withDelivery();
    const pauses: number[] = [];
    for (let tries = 0; tries < 100 && (await state())?.state === 'waiting'; tries++) {
      await deliver(async () => ({ kind: 'again', answer: '500' }));
      pauses.push(((await state())?.nextTryAt ?? 0) - clock.wall());
      clock.advance(millis(Math.max(0, ((await state())?.nextTryAt ?? 0) - clock.wall())));
    }
    expect(pauses.slice(0, 7)).toEqual([10_000, 30_000, 90_000, 270_000, 810_000, 2_430_000, 3_600_000]);
    expect(await state()).toMatchObject({ state: 'given-up', answer: '500' });
    expect((await state())?.tries).toBeGreaterThan(24);
  });

  it('is over at once where the receiver will never take it', async () => {
    const { deliver, state } = await withDelivery();
    await deliver(async () => ({ kind: 'never', answer: '404 '.repeat(1_000) }));
    expect(await state()).toMatchObject({ state: 'given-up', tries: 1 });
    expect((await state())?.answer?.length).toBeLessThanOrEqual(200);
  });

  it('goes out once, however many processes look at the same time', async () => {
    const { deliver, state } = await withDelivery();
    const sent: string[] = [];
    const send: SendMessage = async ({ id }) => {
      sent.push(id);
      return { kind: 'taken', answer: '200' };
    };
    await Promise.all([deliver(send), deliver(send), deliver(send)]);
    expect(sent).toHaveLength(1);
    expect(await state()).toMatchObject({ state: 'delivered', tries: 1 });
    expect(await deliver(send)).toBe(0);
  });

  it('is sent again under its id where the sender died before he could write down that it was taken', async () => {
    const { clock, deliver, id, state } = await withDelivery();
    const ids: string[] = [];
    await expect(
      deliver(async (delivery) => {
        ids.push(delivery.id);
        throw new Error('the process dies here');
      }),
    ).rejects.toThrow();
    expect(await deliver(async () => ({ kind: 'taken', answer: '200' }))).toBe(0);
    clock.advance(millis(120_000));
    await deliver(async (delivery) => {
      ids.push(delivery.id);
      return { kind: 'taken', answer: '200' };
    });
    expect(ids).toEqual([id, id]);
    expect(await state()).toMatchObject({ state: 'delivered' });
  });
});

describe('Watches', () => {
  it('are found by name and by id; a name is taken once', async () => {
    const [clock, watches] = [manualClock(epochMillis(1_795_348_800_000)), makeMemoryWatchStore()];
    const manage = { watches, clock, newWatchId: freshWatchId, newSecret: () => 'fresh' };
    const { spec } = sampleWatch({ spec: { name: 'edge' } });
    const added = await addWatch(spec, 'local', manage);
    if (!added.ok) throw new Error('not added');
    expect(added.value).toMatchObject({ status: 'active', nextRunAt: clock.wall(), runs: [] });
    const { id } = added.value;
    for (const text of ['edge', id, id.toLowerCase()]) {
      expect(await findWatch(text, manage)).toMatchObject({ ok: true, value: { id } });
    }
    expect(await findWatch('edg', manage)).toMatchObject({ ok: false, errors: [{ code: 'WATCH_NOT_FOUND' }] });
    expect(await addWatch(spec, 'local', manage)).toMatchObject({ ok: false, errors: [{ code: 'WATCH_NAME_TAKEN' }] });
  });
});
