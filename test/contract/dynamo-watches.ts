import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDynamoWatchStore } from '../../lambdas/aws/dynamo/watch-store.ts';
import { epochMillis, hostKey } from '../../shared/domain/units.ts';
import { newHostRecord } from '../../shared/watch/judge-host.ts';
import { ownTable } from '../helpers/aws/dynamo-local.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';

/** What is this store's own: what a look at what is due costs, and what a removed watch leaves. */
export function dynamoWatchesContract(endpointOf: () => string): void {
  /** A store, and the calls of DynamoDB that it made since the last look. */
  async function counted() {
    const { client, table, remove } = await ownTable(endpointOf());
    onTestFinished(remove);
    const calls: string[] = [];
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          calls.push(commandName);
          return next(args);
        },
      { step: 'initialize' },
    );
    return { watches: makeDynamoWatchStore(table), calls: () => calls.splice(0) };
  }

  describe('the store of watches over DynamoDB, as it lies in its table,', () => {
    it('finds what is due among a thousand watches in one query, and nothing where nothing is', async () => {
      const { watches, calls } = await counted();
      const all = Array.from({ length: 1_000 }, (_, index) => sampleWatch({ nextRunAt: epochMillis(1_000 + index) }));
      for (let from = 0; from < all.length; from += 50) {
        await Promise.all(all.slice(from, from + 50).map((watch) => watches.createWatch(watch)));
      }
      calls();
      expect(await watches.dueWatches(epochMillis(999), 1_000)).toEqual([]);
      expect(await watches.dueDeliveries(epochMillis(999), 16)).toEqual([]);
      expect(calls()).toEqual(['QueryCommand', 'QueryCommand']);
      expect(await watches.dueWatches(epochMillis(5_000), 1_000)).toEqual(all.map(({ id }) => id));
      expect(calls()).toEqual(['QueryCommand']);
    });

    it('takes no record of a host of a watch that was removed meanwhile', async () => {
      const { watches } = await counted();
      const watch = sampleWatch();
      await watches.createWatch(watch);
      const record = newHostRecord(hostKey('10.0.0.1'));
      expect(await watches.replaceHost(watch.id, record)).toBe(true);
      await watches.deleteWatch(watch.id);
      expect(await watches.replaceHost(watch.id, record)).toBe(false);
      expect(await watches.replaceHost(watch.id, { ...record, version: 1 })).toBe(false);
      expect(await watches.readHost(watch.id, record.host)).toBeUndefined();
    });
  });
}
