import { makePartitionReads } from '../aws/dynamo/partition-reads.ts';
import { makeUsageStore } from '../aws/dynamo/usage.ts';
import { invocation, makeParts } from '../parts.ts';
import { makeHandler } from './handler.ts';

const parts = makeParts(process.env);
parts.env.check();

const usage = makeUsageStore(parts.table, parts.retention);

export const handler = invocation.within(
  makeHandler({ ...parts, usage, store: { ...parts.store, ...makePartitionReads(parts.table) } }),
);
