import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EpochMillis, WatchId } from '../../../shared/domain/units.ts';
import type { Watch } from '../../../shared/domain/watch.ts';
import type { HostRecord } from '../../../shared/domain/watch-alert.ts';
import type { AlertDelivery } from '../../../shared/domain/watch-message.ts';
import type { WatchStore } from '../../../shared/seams/watch-store.ts';
import { attentionAt } from '../../../shared/watch/attention.ts';
import { DELIVERY_LIFETIME } from '../../../shared/watch/backoff.ts';
import {
  DELIVERIES_PREFIX,
  deliveryKey,
  deliveryOfTold,
  HOSTS_PREFIX,
  hostRecordKey,
  NAMES_OF_WATCHES,
  TOLD_PREFIX,
  toldKey,
  watchKey,
  watchNameKey,
  watchOfPartition,
  watchPartition,
} from './keys.ts';
import type { DueKind, Item, ItemKey, Table } from './table.ts';

/** Watches, over the table that the scans are in; a watch and its hosts stay until they are removed. */
export const makeDynamoWatchStore = (table: Table): WatchStore => ({
  ...makeWatches(table),
  ...makeWatchedHosts(table),
  ...makeDeliveries(table),
});

interface RecordAttributes {
  readonly version: number;
  /** Deflated JSON. */
  readonly record: Uint8Array;
}

const pack = (record: unknown): Uint8Array => deflateRawSync(JSON.stringify(record));

/** The version of the item counts, whatever the record said when it was written. */
const unpack = <Value>({ record, version }: RecordAttributes): Value => ({
  ...(JSON.parse(inflateRawSync(record).toString()) as Value),
  version,
});

/** The keys of the index, for an item that is due at some time; an item without them is not in it. */
const dueAttributes = (dueKind: DueKind, dueAt: EpochMillis | null) => (dueAt === null ? {} : { dueKind, dueAt });

const watchItem = (watch: Watch, version: number): Item => ({
  ...watchKey(watch.id),
  version,
  record: pack(watch),
  ...dueAttributes('watch', attentionAt(watch)),
});

/** Puts the item in the place of the one that has that version. */
const replace = (table: Table, item: Item, version: number): Promise<boolean> =>
  table.put(item, { condition: 'version = :version', values: { ':version': version } });

type Watches = Pick<
  WatchStore,
  'createWatch' | 'readWatch' | 'listWatches' | 'replaceWatch' | 'deleteWatch' | 'dueWatches'
>;

/** Watches read at once, for a list. */
const LISTED_AT_ONCE = 100;

function makeWatches(table: Table): Watches {
  return {
    createWatch: (watch) =>
      table.putNew([watchItem(watch, watch.version), { ...watchNameKey(watch.spec.name), watch: watch.id }]),
    readWatch: async (id) => {
      const item = await table.get<RecordAttributes>(watchKey(id));
      return item && unpack<Watch>(item);
    },
    async *listWatches() {
      for await (const some of batches(table.query<{ watch: WatchId }>(NAMES_OF_WATCHES), LISTED_AT_ONCE)) {
        const items = await table.getAll<RecordAttributes>(some.map(({ watch }) => watchKey(watch)));
        const found = new Map(items.map((item) => [watchOfPartition(item.pk), item]));
        for (const { watch } of some) {
          const item = found.get(watch);
          if (item) yield unpack<Watch>(item);
        }
      }
    },
    replaceWatch: (watch) => replace(table, watchItem(watch, watch.version + 1), watch.version),
    deleteWatch: async (id) => {
      const item = await table.get<RecordAttributes>(watchKey(id));
      await emptyWatch(table, id);
      if (item) await table.deleteAll([watchKey(id), watchNameKey(unpack<Watch>(item).spec.name)]);
      // Whoever worked on the watch may have written a host in between, and from now on cannot.
      await emptyWatch(table, id);
    },
    dueWatches: async (at, limit) => (await table.due('watch', at, limit)).map(({ pk }) => watchOfPartition(pk)),
  };
}

/** Everything of a watch but itself: a removal that dies half-way leaves a watch that can be removed again. */
async function emptyWatch(table: Table, id: WatchId): Promise<void> {
  const keys: ItemKey[] = [];
  for await (const { pk, sk } of table.query(watchPartition(id), { only: ['pk', 'sk'] })) {
    if (sk !== watchKey(id).sk) keys.push({ pk, sk });
  }
  await table.deleteAll(keys);
}

async function* batches<Value>(values: AsyncIterable<Value>, size: number): AsyncGenerator<Value[]> {
  let some: Value[] = [];
  for await (const value of values) {
    some.push(value);
    if (some.length === size) {
      yield some;
      some = [];
    }
  }
  if (some.length > 0) yield some;
}

function makeWatchedHosts(table: Table): Pick<WatchStore, 'listHosts' | 'readHost' | 'replaceHost'> {
  return {
    async *listHosts(id) {
      for await (const item of table.query<RecordAttributes>(watchPartition(id), { prefix: HOSTS_PREFIX })) {
        yield unpack<HostRecord>(item);
      }
    },
    readHost: async (id, host) => {
      const item = await table.get<RecordAttributes>(hostRecordKey(id, host));
      return item && unpack<HostRecord>(item);
    },
    replaceHost: async (id, record) => {
      const { host, version } = record;
      const item = { ...hostRecordKey(id, host), version: version + 1, record: pack(record) };
      if (version > 0) return replace(table, item, version);
      if (!(await table.put(item, { condition: 'attribute_not_exists(pk)' }))) return false;
      // A watch that was removed meanwhile gets no new record.
      if (await table.get(watchKey(id))) return true;
      await table.deleteAll([hostRecordKey(id, host)]);
      return false;
    },
  };
}

/** How long a delivery is shown: thirty days from its end, in seconds as DynamoDB's time to live wants them. */
const KEPT_FOR = 30 * 86_400_000;
const expiryOf = ({ createdAt }: AlertDelivery): number =>
  Math.ceil((createdAt + DELIVERY_LIFETIME + KEPT_FOR) / 1_000);

const deliveryItem = (delivery: AlertDelivery, version: number): Item => ({
  ...deliveryKey(delivery.watch, delivery.id),
  version,
  record: pack(delivery),
  expires: expiryOf(delivery),
  ...dueAttributes('delivery', delivery.state === 'waiting' ? delivery.nextTryAt : null),
});

type Deliveries = Pick<
  WatchStore,
  'createDelivery' | 'readDelivery' | 'replaceDelivery' | 'dueDeliveries' | 'listDeliveries'
>;

function makeDeliveries(table: Table): Deliveries {
  return {
    createDelivery: async (delivery) => {
      const { id, watch, version, createdAt } = delivery;
      // First, so that a delivery that is tried can always be seen; an entry without one is passed over.
      await table.putAll([{ ...toldKey(watch, createdAt, id), expires: expiryOf(delivery) }]);
      await table.put(deliveryItem(delivery, version), { condition: 'attribute_not_exists(pk)' });
    },
    readDelivery: async (watch, id) => {
      const item = await table.get<RecordAttributes>(deliveryKey(watch, id));
      return item && unpack<AlertDelivery>(item);
    },
    replaceDelivery: (delivery) => replace(table, deliveryItem(delivery, delivery.version + 1), delivery.version),
    dueDeliveries: async (at, limit) => {
      const items = await table.getAll<RecordAttributes>(await table.due('delivery', at, limit));
      return items
        .map((item) => unpack<AlertDelivery>(item))
        .filter(({ state, nextTryAt }) => state === 'waiting' && nextTryAt <= at)
        .sort((a, b) => a.nextTryAt - b.nextTryAt);
    },
    listDeliveries: async (id, limit) => {
      const named = await latestOf(table, id, limit);
      const items = await table.getAll<RecordAttributes>(named.map((each) => deliveryKey(id, each)));
      const found = new Map(
        items.map((item) => [item.sk.slice(DELIVERIES_PREFIX.length), unpack<AlertDelivery>(item)]),
      );
      return named.flatMap((each) => found.get(each) ?? []);
    },
  };
}

/** The latest deliveries, each once: what was created twice, by one who died in between, has two entries. */
async function latestOf(table: Table, id: WatchId, limit: number): Promise<string[]> {
  const names = new Set<string>();
  for await (const item of table.query(watchPartition(id), { prefix: TOLD_PREFIX, newestFirst: true })) {
    names.add(deliveryOfTold(item));
    if (names.size === limit) break;
  }
  return [...names];
}
