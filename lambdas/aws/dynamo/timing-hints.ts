import type { TimingHints } from '../../../shared/domain/timing-hints.ts';
import type { Address } from '../../../shared/domain/units.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { hintKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

/** What a hint may be without; absent where it is null. */
type Optional = 'window' | 'closedPort' | 'openPort' | 'heardAt';

type HintAttributes = Omit<TimingHints, 'address' | Optional> & {
  readonly [Field in Optional]?: NonNullable<TimingHints[Field]>;
} & { readonly expires: number };

/** A target is an item of some hundred bytes: a write unit, and half a read unit. */
export function makeTimingHints(
  table: Table,
  retention: Retention,
): Pick<ScanStore, 'readTimingHints' | 'putTimingHints'> {
  return {
    readTimingHints: async (id, address) => {
      const item = await table.getCheaply<HintAttributes>(hintKey(id, address));
      if (!item) return undefined;
      const { sk, smoothedRtt, rttVariation, attempts } = item;
      const { window = null, closedPort = null, openPort = null, heardAt = null } = item;
      const ports = { closedPort, openPort, heardAt };
      return { address: sk as Address, smoothedRtt, rttVariation, attempts, window, ...ports };
    },
    putTimingHints: async (id, { address, smoothedRtt, rttVariation, attempts, ...rest }) => {
      const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
      const hints = { smoothedRtt, rttVariation, attempts, ...known };
      await table.put({ ...hintKey(id, address), ...hints, expires: retention.expires() });
    },
  };
}
