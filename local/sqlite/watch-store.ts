import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type ErrorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { WatchId } from '../../shared/domain/units.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import type { HostRecord } from '../../shared/domain/watch-alert.ts';
import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { attentionAt } from '../../shared/watch/attention.ts';
import type { Database } from './open-database.ts';
import { damaged, holdTo, readStored } from './sqlite-errors.ts';

/**
 * Watches, in the same file as the scans they make. `onDamaged` hears, once, of what is left out of a list because it
 * cannot be read.
 */
export function makeSqliteWatchStore(db: Database, onDamaged: (error: ErrorValue) => void = () => {}): WatchStore {
  const told = new Set<string>();
  const unlessDamaged = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PortfleetError)) throw error;
      for (const each of error.errors.filter(({ detail }) => !told.has(detail))) {
        told.add(each.detail);
        onDamaged(each);
      }
      return undefined;
    }
  };
  return { ...makeWatches(db, unlessDamaged), ...makeWatchedHosts(db), ...makeDeliveries(db, unlessDamaged) };
}

/** Reads, and gives undefined for what cannot be read. */
type UnlessDamaged = <Value>(read: () => Value) => Value | undefined;

interface RecordRow {
  /** JSON; of a host deflated, unless an earlier version wrote it. */
  readonly record: string | Uint8Array;
  readonly version: number;
}

/**
 * The version of the row counts, whatever the record said when it was written.
 *
 * @throws PortfleetError WATCH_DAMAGED
 */
const readRecord = <Value>({ record, version }: RecordRow, what: string, hold: (value: Value) => void): Value =>
  readStored(textOf(record, what), { code: 'WATCH_DAMAGED', what }, (value: Value) => {
    hold(value);
    return { ...value, version };
  });

/** @throws PortfleetError WATCH_DAMAGED */
function textOf(record: string | Uint8Array, what: string): string {
  if (typeof record === 'string') return record;
  try {
    return inflateRawSync(record).toString();
  } catch (error) {
    throw damaged({ code: 'WATCH_DAMAGED', what }, 'what is stored is not what was written', error);
  }
}

/** As text the record of a host with three open ports is 1,010 bytes, which is a page of the file and more. */
const packed = (record: HostRecord): Buffer => deflateRawSync(JSON.stringify(record));

function holdToWatch(watch: Watch): void {
  holdTo(watch, { spec: 'object', status: 'string', phase: 'object', runs: 'list', leftovers: 'list', outbox: 'list' });
  holdTo(watch.spec, { name: 'string', request: 'object', schedule: 'object', notify: 'list' });
  holdTo(watch.spec.request, { targets: 'list' });
}

const holdToHost = (record: HostRecord): void => holdTo(record, { host: 'string' });
const holdToDelivery = (delivery: AlertDelivery): void =>
  holdTo(delivery, { id: 'string', watch: 'string', tries: 'number' });

function makeWatches(
  db: Database,
  unlessDamaged: UnlessDamaged,
): Pick<WatchStore, 'createWatch' | 'readWatch' | 'listWatches' | 'replaceWatch' | 'deleteWatch' | 'dueWatches'> {
  const insert = db.prepare(
    'INSERT INTO watches (id, name, version, attention, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const select = db.prepare<RecordRow>('SELECT record, version FROM watches WHERE id = ?');
  const names = db.prepare<{ id: string }>('SELECT id FROM watches ORDER BY name');
  const update = db.prepare(
    'UPDATE watches SET version = version + 1, attention = ?, record = ? WHERE id = ? AND version = ?',
  );
  const due = db.prepare<{ id: string }>(
    'SELECT id FROM watches WHERE attention IS NOT NULL AND attention <= ? ORDER BY attention LIMIT ?',
  );
  const deletions = ['watch_hosts WHERE watch', 'watch_deliveries WHERE watch', 'watches WHERE id'].map((which) =>
    db.prepare(`DELETE FROM ${which} = ?`),
  );
  const read = (id: string): Watch | undefined => {
    const row = select.get(id);
    return row && readRecord(row, `What is stored of the watch ${id}`, holdToWatch);
  };

  return {
    createWatch: async (watch) => {
      db.refuseGone();
      return insert.run(watch.id, watch.spec.name, watch.version, attentionAt(watch), JSON.stringify(watch)) === 1;
    },
    readWatch: async (id) => read(id),
    async *listWatches() {
      for (const { id } of names.all()) {
        const watch = unlessDamaged(() => read(id));
        if (watch) yield watch;
      }
    },
    replaceWatch: async (watch) => update.run(attentionAt(watch), JSON.stringify(watch), watch.id, watch.version) === 1,
    deleteWatch: async (id) =>
      db.immediate(() => {
        for (const deletion of deletions) deletion.run(id);
      }),
    dueWatches: async (at, limit) => due.all(at, limit).map(({ id }) => id as WatchId),
  };
}

function makeWatchedHosts(db: Database): Pick<WatchStore, 'listHosts' | 'readHost' | 'replaceHost'> {
  const hosts = db.prepare<{ host: string }>('SELECT host FROM watch_hosts WHERE watch = ? ORDER BY host');
  const select = db.prepare<RecordRow>('SELECT record, version FROM watch_hosts WHERE watch = ? AND host = ?');
  // A watch that was removed meanwhile gets no new record.
  const insert = db.prepare(
    `INSERT INTO watch_hosts (watch, host, version, record)
     SELECT ?1, ?2, 1, ?3 WHERE EXISTS (SELECT 1 FROM watches WHERE id = ?1) ON CONFLICT DO NOTHING`,
  );
  const update = db.prepare(
    'UPDATE watch_hosts SET version = version + 1, record = ? WHERE watch = ? AND host = ? AND version = ?',
  );
  const read = (id: string, host: string): HostRecord | undefined => {
    const row = select.get(id, host);
    return row && readRecord(row, `What the watch ${id} knows of ${host}`, holdToHost);
  };

  return {
    async *listHosts(id) {
      for (const { host } of hosts.all(id)) {
        const record = read(id, host);
        if (record) yield record;
      }
    },
    readHost: async (id, host) => read(id, host),
    replaceHost: async (id, record) => {
      const bytes = packed(record);
      if (record.version === 0) return insert.run(id, record.host, bytes) === 1;
      return update.run(bytes, id, record.host, record.version) === 1;
    },
  };
}

interface DeliveryRow extends RecordRow {
  readonly id: string;
}

/** How long a delivery that is over is shown. */
const KEPT_FOR = 30 * 86_400_000;

function makeDeliveries(
  db: Database,
  unlessDamaged: UnlessDamaged,
): Pick<WatchStore, 'createDelivery' | 'readDelivery' | 'replaceDelivery' | 'dueDeliveries' | 'listDeliveries'> {
  const insert = db.prepare(
    `INSERT INTO watch_deliveries (id, watch, version, next_try, created_at, record)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM watches WHERE id = ?2) ON CONFLICT DO NOTHING`,
  );
  const select = db.prepare<RecordRow>('SELECT record, version FROM watch_deliveries WHERE id = ? AND watch = ?');
  const forget = db.prepare('DELETE FROM watch_deliveries WHERE watch = ? AND next_try IS NULL AND created_at < ?');
  const update = db.prepare(
    'UPDATE watch_deliveries SET version = version + 1, next_try = ?, record = ? WHERE id = ? AND version = ?',
  );
  const due = db.prepare<DeliveryRow>(
    `SELECT id, record, version FROM watch_deliveries
     WHERE next_try IS NOT NULL AND next_try <= ? ORDER BY next_try LIMIT ?`,
  );
  const latest = db.prepare<DeliveryRow>(
    'SELECT id, record, version FROM watch_deliveries WHERE watch = ? ORDER BY created_at DESC, id DESC LIMIT ?',
  );
  const read = (row: DeliveryRow): AlertDelivery[] => {
    const delivery = unlessDamaged(() => readRecord(row, `What is stored of the message ${row.id}`, holdToDelivery));
    return delivery ? [delivery] : [];
  };
  const nextTry = ({ state, nextTryAt }: AlertDelivery): number | null => (state === 'waiting' ? nextTryAt : null);

  return {
    createDelivery: async (delivery) => {
      const { id, watch, version, createdAt } = delivery;
      forget.run(watch, createdAt - KEPT_FOR);
      insert.run(id, watch, version, nextTry(delivery), createdAt, JSON.stringify(delivery));
    },
    readDelivery: async (watch, id) => {
      const row = select.get(id, watch);
      return row && readRecord(row, `What is stored of the message ${id}`, holdToDelivery);
    },
    replaceDelivery: async (delivery) =>
      update.run(nextTry(delivery), JSON.stringify(delivery), delivery.id, delivery.version) === 1,
    dueDeliveries: async (at, limit) => due.all(at, limit).flatMap(read),
    listDeliveries: async (id, limit) => latest.all(id, limit).flatMap(read),
  };
}
