import { COMPLETION_FAN_IN } from '../../../shared/domain/limits.ts';
import { addUsage, NO_USAGE, type Usage } from '../../../shared/domain/usage.ts';
import type { UsageStore } from '../../../shared/seams/usage-store.ts';
import { usageKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

/** As many chunks share a record as share a leaf of the completion tree: a write for each delivery, which no item feels. */
const recordOf = (chunk: number): number => Math.floor(chunk / COMPLETION_FAN_IN);

type UsageAttributes = Partial<Usage>;

/** What deliveries have used, added up by DynamoDB itself. */
export const makeUsageStore = (table: Table, retention: Retention): UsageStore => ({
  add: async (id, chunk, { deliveries, ended, millis, writeUnits }) => {
    await table.update(usageKey(id, recordOf(chunk)), {
      expression: 'SET expires = :expires ADD deliveries :deliveries, ended :ended, millis :millis, writeUnits :units',
      values: {
        ':expires': retention.expires(),
        ':deliveries': deliveries,
        ':ended': ended,
        ':millis': Math.round(millis),
        ':units': writeUnits,
      },
    });
  },
  over: async (id, { first, end }) => {
    if (end <= first) return NO_USAGE;
    const [from, to] = [recordOf(first), recordOf(end - 1)];
    const keys = Array.from({ length: to - from + 1 }, (_, nth) => usageKey(id, from + nth));
    const records = await table.getAll<UsageAttributes>(keys);
    return records.reduce<Usage>((sum, record) => addUsage(sum, usageOf(record)), NO_USAGE);
  },
});

const usageOf = ({ deliveries = 0, ended = 0, millis = 0, writeUnits = 0 }: UsageAttributes): Usage => ({
  deliveries,
  ended,
  millis,
  writeUnits,
});
