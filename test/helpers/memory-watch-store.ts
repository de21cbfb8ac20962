import type { HostKey, WatchId } from '../../shared/domain/units.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import type { HostRecord } from '../../shared/domain/watch-alert.ts';
import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { attentionAt } from '../../shared/watch/attention.ts';

/** The store as its contract has it, in memory. What goes in and comes out is a copy, as with a real one. */
export function makeMemoryWatchStore(): WatchStore {
  const watches = new Map<WatchId, Watch>();
  const hosts = new Map<WatchId, Map<HostKey, HostRecord>>();
  const deliveries = new Map<string, AlertDelivery>();
  const isTaken = ({ id, spec }: Watch): boolean =>
    [...watches.values()].some((other) => other.id === id || other.spec.name === spec.name);
  return {
    createWatch: async (watch) => {
      if (isTaken(watch)) return false;
      watches.set(watch.id, structuredClone(watch));
      return true;
    },
    readWatch: async (id) => structuredClone(watches.get(id)),
    async *listWatches() {
      yield* [...watches.values()]
        .map((watch) => structuredClone(watch))
        .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
    },
    replaceWatch: async (watch) => {
      if (watches.get(watch.id)?.version !== watch.version) return false;
      watches.set(watch.id, { ...structuredClone(watch), version: watch.version + 1 });
      return true;
    },
    deleteWatch: async (id) => {
      watches.delete(id);
      hosts.delete(id);
      for (const [key, delivery] of deliveries) if (delivery.watch === id) deliveries.delete(key);
    },
    dueWatches: async (at, limit) =>
      [...watches.values()]
        .map((watch) => ({ id: watch.id, due: attentionAt(watch) }))
        .filter(({ due }) => due !== null && due <= at)
        .sort((a, b) => (a.due ?? 0) - (b.due ?? 0))
        .slice(0, limit)
        .map(({ id }) => id),
    async *listHosts(id) {
      yield* [...(hosts.get(id)?.values() ?? [])].map((record) => structuredClone(record));
    },
    readHost: async (id, host) => structuredClone(hosts.get(id)?.get(host)),
    replaceHost: async (id, record) => {
      const own = hosts.get(id) ?? new Map<HostKey, HostRecord>();
      if ((own.get(record.host)?.version ?? 0) !== record.version) return false;
      hosts.set(id, own.set(record.host, { ...structuredClone(record), version: record.version + 1 }));
      return true;
    },
    createDelivery: async (delivery) => {
      if (!deliveries.has(delivery.id)) deliveries.set(delivery.id, structuredClone(delivery));
    },
    readDelivery: async (_watch, id) => structuredClone(deliveries.get(id)),
    replaceDelivery: async (delivery) => {
      if (deliveries.get(delivery.id)?.version !== delivery.version) return false;
      deliveries.set(delivery.id, { ...structuredClone(delivery), version: delivery.version + 1 });
      return true;
    },
    dueDeliveries: async (at, limit) =>
      [...deliveries.values()]
        .filter(({ state, nextTryAt }) => state === 'waiting' && nextTryAt <= at)
        .sort((a, b) => a.nextTryAt - b.nextTryAt)
        .slice(0, limit)
        .map((delivery) => structuredClone(delivery)),
    listDeliveries: async (id, limit) =>
      [...deliveries.values()]
        .filter(({ watch }) => watch === id)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .slice(0, limit)
        .map((delivery) => structuredClone(delivery)),
  };
}
