import type { TimingHints } from '../../shared/domain/timing-hints.ts';
import { type Address, millis } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type Item, keyItem, keyOf, number, numberOf } from './attributes.ts';
import { hintKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type TimingHintStore = Pick<ScanStore, 'readTimingHints' | 'putTimingHints'>;

/** A target is an item of some hundred bytes: a write unit, and half a read unit. */
export function makeTimingHintStore(table: Table, retention: Retention): TimingHintStore {
  return {
    readTimingHints: async (id, address) => {
      const item = await table.glance(hintKey(id, address));
      return item && hintsOf(item);
    },
    putTimingHints: async (id, { address, smoothedRtt, rttVariation, attempts, window }) => {
      await table.put({
        ...keyItem(hintKey(id, address)),
        smoothedRtt: number(smoothedRtt),
        rttVariation: number(rttVariation),
        attempts: number(attempts),
        ...(window !== null && { window: number(window) }),
        expires: number(retention.expires()),
      });
    },
  };
}

const hintsOf = (item: Item): TimingHints => ({
  address: keyOf(item).sk as Address,
  smoothedRtt: millis(numberOf(item, 'smoothedRtt') ?? 0),
  rttVariation: millis(numberOf(item, 'rttVariation') ?? 0),
  attempts: numberOf(item, 'attempts') ?? 0,
  window: numberOf(item, 'window') ?? null,
});
