import type { EpochMillis, HostKey, WatchId } from '../domain/units.ts';
import type { Watch } from '../domain/watch.ts';
import type { HostRecord } from '../domain/watch-alert.ts';
import type { AlertDelivery } from '../domain/watch-message.ts';

/**
 * Where watches live, what they know of their hosts, and the messages on their way. Every write replaces one record under
 * the condition that it was not written since it was read, so whoever dies between two writes leaves a state from
 * which the next goes on.
 */
export interface WatchStore {
  /** False, and nothing changed, where the id or the name is taken. */
  createWatch(watch: Watch): Promise<boolean>;
  readWatch(id: WatchId): Promise<Watch | undefined>;
  /** In the order of their names. */
  listWatches(): AsyncIterable<Watch>;
  /** Stores the watch with its version counted up, if the stored one still has `watch.version`. Not for a new name. */
  replaceWatch(watch: Watch): Promise<boolean>;
  /** With all that it knows of its hosts, and the messages that wait. */
  deleteWatch(id: WatchId): Promise<void>;
  /** Watches that are due to be looked at by `at`, the longest due first, by an index. */
  dueWatches(at: EpochMillis, limit: number): Promise<readonly WatchId[]>;

  listHosts(id: WatchId): AsyncIterable<HostRecord>;
  readHost(id: WatchId, host: HostKey): Promise<HostRecord | undefined>;
  /** Like `replaceWatch`; version 0 is a record that is not stored yet. */
  replaceHost(id: WatchId, record: HostRecord): Promise<boolean>;

  /** Does nothing where the delivery is there already. */
  createDelivery(delivery: AlertDelivery): Promise<void>;
  readDelivery(watch: WatchId, id: string): Promise<AlertDelivery | undefined>;
  /** Like `replaceWatch`. */
  replaceDelivery(delivery: AlertDelivery): Promise<boolean>;
  /** Deliveries that wait and are due by `at`. */
  dueDeliveries(at: EpochMillis, limit: number): Promise<readonly AlertDelivery[]>;
  /** The latest of a watch, newest first. */
  listDeliveries(id: WatchId, limit: number): Promise<readonly AlertDelivery[]>;
}
