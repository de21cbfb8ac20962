import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { epochMillis, hostKey } from '../../shared/domain/units.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { newHostRecord } from '../../shared/watch/judge-host.ts';
import { freshWatchId, sampleWatch } from '../helpers/sample-watch.ts';

export interface OpenedWatchStore {
  readonly watches: WatchStore;
  close(): Promise<void>;
}

const at = epochMillis;

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const deliveryOf = (watch: Watch, id: string, more: Partial<AlertDelivery> = {}): AlertDelivery => ({
  id,
  version: 0,
  watch: watch.id,
  receiver: 'stdout',
  message: {
    ...{ id, kind: 'test', watch: { id: watch.id, name: watch.spec.name }, run: 1, at: at(5), scan: null },
    ...{ changes: [], count: 0, failure: null },
  },
  state: 'waiting',
  tries: 0,
  createdAt: at(10),
  nextTryAt: at(10),
  answer: null,
  ...more,
});

/** What every store of watches does, whatever it is made of. */
export function watchStoreContract(name: string, open: () => Promise<OpenedWatchStore>): void {
  describe(name, () => {
    let opened: OpenedWatchStore;
    let watches: WatchStore;
    beforeEach(async () => {
      opened = await open();
      watches = opened.watches;
    });
    afterEach(() => opened.close());

    const stored = async (more: Parameters<typeof sampleWatch>[0] = {}): Promise<Watch> => {
      const watch = sampleWatch(more);
      expect(await watches.createWatch(watch)).toBe(true);
      return watch;
    };

    describeWatches(() => watches, stored);
    describeHosts(() => watches, stored);
    describeDeliveries(() => watches, stored);
  });
}

type Stored = (more?: Parameters<typeof sampleWatch>[0]) => Promise<Watch>;

function describeWatches(store: () => WatchStore, stored: Stored): void {
  it('gives a watch back as it was stored', async () => {
    const watch = await stored({ spec: { name: 'edge', request: { targets: ['10.0.0.0/8'], exclude: ['10.1.1.1'] } } });
    expect(await store().readWatch(watch.id)).toEqual(watch);
    expect(await store().readWatch(freshWatchId())).toBeUndefined();
  });

  it('takes an id and a name once', async () => {
    const watch = await stored({ spec: { name: 'edge' } });
    expect(await store().createWatch(sampleWatch({ spec: { name: 'edge' } }))).toBe(false);
    expect(await store().createWatch(sampleWatch({ id: watch.id, spec: { name: 'other' } }))).toBe(false);
    expect(await all(store().listWatches())).toEqual([watch]);
  });

  it('lists watches in the order of their names', async () => {
    for (const name of ['middle', 'last', 'a-first']) await stored({ spec: { name } });
    expect((await all(store().listWatches())).map(({ spec }) => spec.name)).toEqual(['a-first', 'last', 'middle']);
  });

  it('replaces a watch only under the version that it was read with', async () => {
    const watch = await stored();
    const tries = await Promise.all([1, 2, 3].map((step) => store().replaceWatch({ ...watch, step })));
    expect(tries.filter(Boolean)).toHaveLength(1);
    const now = await store().readWatch(watch.id);
    expect(now).toMatchObject({ version: watch.version + 1, step: tries.indexOf(true) + 1 });
    expect(now && (await store().replaceWatch({ ...now, step: 9 }))).toBe(true);
    expect(await store().replaceWatch(sampleWatch())).toBe(false);
  });

  it('finds what is due, the longest due first, and no more than asked for', async () => {
    const first = await stored({ nextRunAt: at(100) });
    const second = await stored({ nextRunAt: at(200) });
    await stored({ nextRunAt: at(301) });
    const paused = await stored({ nextRunAt: null, status: 'paused' });
    expect(await store().dueWatches(at(99), 10)).toEqual([]);
    expect(await store().dueWatches(at(300), 10)).toEqual([first.id, second.id]);
    expect(await store().dueWatches(at(300), 1)).toEqual([first.id]);
    expect(await store().replaceWatch({ ...first, nextRunAt: at(1_000) })).toBe(true);
    expect(await store().replaceWatch({ ...paused, nextRunAt: at(250) })).toBe(true);
    expect(await store().dueWatches(at(300), 10)).toEqual([second.id, paused.id]);
  });

  it('forgets a watch with all that belongs to it, and lets its name be taken again', async () => {
    const watch = await stored({ spec: { name: 'edge' }, nextRunAt: at(1) });
    await store().replaceHost(watch.id, newHostRecord(hostKey('10.0.0.1')));
    await store().createDelivery(deliveryOf(watch, 'a'));
    await store().deleteWatch(watch.id);
    expect(await store().readWatch(watch.id)).toBeUndefined();
    expect(await all(store().listWatches())).toEqual([]);
    expect(await all(store().listHosts(watch.id))).toEqual([]);
    expect(await store().dueWatches(at(1_000), 10)).toEqual([]);
    expect(await store().dueDeliveries(at(1_000), 10)).toEqual([]);
    expect(await store().listDeliveries(watch.id, 10)).toEqual([]);
    await stored({ spec: { name: 'edge' } });
  });
}

function describeHosts(store: () => WatchStore, stored: Stored): void {
  it('keeps the records of hosts apart, each under its version', async () => {
    const [watch, other] = [await stored(), await stored()];
    const record = { ...newHostRecord(hostKey('web.test')), step: 3 };
    expect(await store().replaceHost(watch.id, record)).toBe(true);
    expect(await store().replaceHost(watch.id, record)).toBe(false);
    expect(await store().replaceHost(other.id, { ...record, step: 4 })).toBe(true);
    expect(await store().readHost(watch.id, record.host)).toEqual({ ...record, version: 1 });
    const tries = await Promise.all(
      [5, 6].map((step) => store().replaceHost(watch.id, { ...record, version: 1, step })),
    );
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store().readHost(watch.id, record.host)).toMatchObject({ version: 2 });
    expect(await store().readHost(watch.id, hostKey('nobody'))).toBeUndefined();
  });

  it('lists every host of a watch, and of no other', async () => {
    const [watch, other] = [await stored(), await stored()];
    const hosts = Array.from({ length: 300 }, (_, index) => hostKey(`10.0.${Math.floor(index / 256)}.${index % 256}`));
    for (const host of hosts) await store().replaceHost(watch.id, newHostRecord(host));
    await store().replaceHost(other.id, newHostRecord(hostKey('10.9.9.9')));
    expect((await all(store().listHosts(watch.id))).map(({ host }) => host).sort()).toEqual([...hosts].sort());
  });
}

function describeDeliveries(store: () => WatchStore, stored: Stored): void {
  it('takes a delivery once, whatever became of it since', async () => {
    const watch = await stored();
    await store().createDelivery(deliveryOf(watch, 'a'));
    const [delivery] = await store().dueDeliveries(at(10), 10);
    expect(delivery).toEqual(deliveryOf(watch, 'a'));
    expect(await store().readDelivery(watch.id, 'a')).toEqual(delivery);
    expect(await store().readDelivery(watch.id, 'b')).toBeUndefined();
    expect(delivery && (await store().replaceDelivery({ ...delivery, state: 'delivered', tries: 1 }))).toBe(true);
    await store().createDelivery(deliveryOf(watch, 'a'));
    expect(await store().dueDeliveries(at(1_000), 10)).toEqual([]);
    expect(await store().listDeliveries(watch.id, 10)).toMatchObject([{ id: 'a', version: 1, state: 'delivered' }]);
  });

  it('gives a delivery to one of those that claim it at once', async () => {
    const delivery = deliveryOf(await stored(), 'a');
    await store().createDelivery(delivery);
    const claims = await Promise.all([1, 2, 3].map(() => store().replaceDelivery({ ...delivery, nextTryAt: at(99) })));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store().dueDeliveries(at(98), 10)).toEqual([]);
    expect(await store().dueDeliveries(at(99), 10)).toHaveLength(1);
  });

  it('finds deliveries that are due, and lists those of a watch, newest first', async () => {
    const [watch, other] = [await stored(), await stored()];
    await store().createDelivery(deliveryOf(watch, 'late', { nextTryAt: at(50), createdAt: at(20) }));
    await store().createDelivery(deliveryOf(watch, 'early', { nextTryAt: at(20), createdAt: at(10) }));
    await store().createDelivery(deliveryOf(other, 'other', { nextTryAt: at(30), createdAt: at(30) }));
    const ids = (list: readonly AlertDelivery[]) => list.map(({ id }) => id);
    expect(ids(await store().dueDeliveries(at(40), 10))).toEqual(['early', 'other']);
    expect(ids(await store().dueDeliveries(at(60), 2))).toEqual(['early', 'other']);
    expect(ids(await store().listDeliveries(watch.id, 10))).toEqual(['late', 'early']);
    expect(ids(await store().listDeliveries(watch.id, 1))).toEqual(['late']);
  });
}
