import { makePartitionReads } from '../aws/dynamo/partition-reads.ts';
import { makeParts } from '../parts.ts';
import { makeHandler } from './handler.ts';

const parts = makeParts(process.env);
parts.env.check();

export const handler = makeHandler({ ...parts, store: { ...parts.store, ...makePartitionReads(parts.table) } });
