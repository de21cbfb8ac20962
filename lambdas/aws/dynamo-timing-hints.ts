import type { Learnt } from '../../shared/domain/timing-hints.ts';
import { type Address, millis } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type Item, keyItem, keyOf, number, numberOf } from './attributes.ts';
import { learntKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type LearntTargets = Pick<ScanStore, 'readLearnt' | 'putLearnt'>;

/** A target is an item of some hundred bytes: a write unit, and half a read unit. */
export function makeLearntTargets(table: Table, retention: Retention): LearntTargets {
  return {
    readLearnt: async (id, address) => {
      const item = await table.glance(learntKey(id, address));
      return item && learntOf(item);
    },
    putLearnt: async (id, { address, smoothedRtt, rttVariation, attempts, window }) => {
      await table.put({
        ...keyItem(learntKey(id, address)),
        smoothedRtt: number(smoothedRtt),
        rttVariation: number(rttVariation),
        attempts: number(attempts),
        ...(window !== null && { window: number(window) }),
        expires: number(retention.expires()),
      });
    },
  };
}

const learntOf = (item: Item): Learnt => ({
  address: keyOf(item).sk as Address,
  smoothedRtt: millis(numberOf(item, 'smoothedRtt') ?? 0),
  rttVariation: millis(numberOf(item, 'rttVariation') ?? 0),
  attempts: numberOf(item, 'attempts') ?? 0,
  window: numberOf(item, 'window') ?? null,
});
