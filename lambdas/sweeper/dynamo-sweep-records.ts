import { sweepKey } from '../aws/dynamo/keys.ts';
import type { Retention } from '../aws/dynamo/retention.ts';
import type { Table } from '../aws/dynamo/table.ts';
import type { SweepRecord, SweepRecords } from './sweep-record.ts';

export const makeSweepRecords = (table: Table, retention: Retention): SweepRecords => ({
  read: async (id) => {
    const item = await table.get<SweepRecord>(sweepKey(id));
    if (!item) return undefined;
    const { pk: _, sk: __, ...record } = item;
    return record;
  },
  write: async (id, record) => {
    await table.put({ ...sweepKey(id), ...record, expires: retention.expires() });
  },
});
