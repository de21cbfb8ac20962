import { makePartitionReads } from '../aws/dynamo/partition-reads.ts';
import { activeScans, forgetActive } from '../aws/dynamo/scans.ts';
import { makeUsageStore } from '../aws/dynamo/usage.ts';
import { makeSqsRangeQueue } from '../aws/sqs-senders.ts';
import type { Environment } from '../env.ts';
import { invocation, makeParts } from '../parts.ts';
import { makeSweepRecords } from './dynamo-sweep-records.ts';
import { makeHandler, type SweeperDeps } from './handler.ts';

function sweeperDeps(environment: Environment): SweeperDeps {
  const { env, sqs, table, retention, store, ...parts } = makeParts(environment);
  const ranges = env.text('PORTFLEET_RANGE_QUEUE');
  env.check();
  return {
    ...parts,
    // It reads chunks only of scans that are not written to any more, to aggregate them.
    store: { ...store, ...makePartitionReads(table) },
    ranges: makeSqsRangeQueue(sqs, ranges),
    active: () => activeScans(table),
    forget: (id) => forgetActive(table, id),
    records: makeSweepRecords(table, retention),
    usage: makeUsageStore(table, retention),
  };
}

export const handler = invocation.within(makeHandler(sweeperDeps(process.env)));
