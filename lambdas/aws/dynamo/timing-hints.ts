import type { TimingHints } from '../../../shared/domain/timing-hints.ts';
import type { Address } from '../../../shared/domain/units.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { hintKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type HintAttributes = Omit<TimingHints, 'address' | 'window'> & { readonly window?: number; readonly expires: number };

/** A target is an item of some hundred bytes: a write unit, and half a read unit. */
export function makeTimingHints(
  table: Table,
  retention: Retention,
): Pick<ScanStore, 'readTimingHints' | 'putTimingHints'> {
  return {
    readTimingHints: async (id, address) => {
      const item = await table.getCheaply<HintAttributes>(hintKey(id, address));
      if (!item) return undefined;
      const { sk, smoothedRtt, rttVariation, attempts, window = null } = item;
      return { address: sk as Address, smoothedRtt, rttVariation, attempts, window };
    },
    putTimingHints: async (id, { address, smoothedRtt, rttVariation, attempts, window }) => {
      const hints = { smoothedRtt, rttVariation, attempts, ...(window !== null && { window }) };
      await table.put({ ...hintKey(id, address), ...hints, expires: retention.expires() });
    },
  };
}
