import type { ScanStatus } from '../../shared/domain/scan-status.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import { keyItem, number, numberOf, text, textOf } from '../aws/attributes.ts';
import { sweepKey } from '../aws/keys.ts';
import type { Retention } from '../aws/retention.ts';
import type { Table } from '../aws/table.ts';
import type { SweepRecords } from './sweep-record.ts';

export const makeSweepRecords = (table: Table, retention: Retention): SweepRecords => ({
  read: async (id) => {
    const item = await table.get(sweepKey(id));
    return (
      item && {
        status: textOf(item, 'status') as ScanStatus,
        missing: numberOf(item, 'missing') ?? 0,
        since: epochMillis(numberOf(item, 'since') ?? 0),
        generation: numberOf(item, 'generation') ?? 0,
      }
    );
  },
  write: async (id, { status, missing, since, generation }) => {
    await table.put({
      ...keyItem(sweepKey(id)),
      status: text(status),
      missing: number(missing),
      since: number(since),
      generation: number(generation),
      expires: number(retention.expires()),
    });
  },
});
