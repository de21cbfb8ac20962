import { activeScans, forgetActive } from '../aws/dynamo-scans.ts';
import { makeSweepRecords } from '../aws/dynamo-sweeps.ts';
import { makeSqsRangeQueue } from '../aws/sqs-range-queue.ts';
import type { Environment } from '../env.ts';
import { makeParts } from '../parts.ts';
import { makeHandler, type SweeperDeps } from './handler.ts';

function sweeperDeps(environment: Environment): SweeperDeps {
  const { env, sqs, table, retention, ...parts } = makeParts(environment);
  const ranges = env.text('PORTFLEET_RANGE_QUEUE');
  env.check();
  return {
    ...parts,
    ranges: makeSqsRangeQueue(sqs, ranges),
    active: () => activeScans(table),
    forget: (id) => forgetActive(table, id),
    records: makeSweepRecords(table, retention),
  };
}

export const handler = makeHandler(sweeperDeps(process.env));
