import { countActive } from '../aws/dynamo/scans.ts';
import { makeUsageStore } from '../aws/dynamo/usage.ts';
import { makeRecordQueue, makeSqsChunkSender, makeSqsRangeQueue } from '../aws/sqs-senders.ts';
import { deployedFleet } from '../deployed-fleet.ts';
import type { Environment } from '../env.ts';
import { invocation, makeParts } from '../parts.ts';
import { makeHandler, type SplitterDeps } from './handler.ts';

function splitterDeps(environment: Environment): SplitterDeps {
  const { env, sqs, table, retention, store, clock, log } = makeParts(environment);
  const chunks = env.text('PORTFLEET_CHUNK_QUEUE');
  const ranges = env.text('PORTFLEET_RANGE_QUEUE');
  const fleet = deployedFleet(env);
  env.check();
  return {
    store,
    clock,
    log,
    fleet,
    usage: makeUsageStore(table, retention),
    activeScans: () => countActive(table),
    queue: makeSqsChunkSender(sqs, chunks),
    ranges: makeSqsRangeQueue(sqs, ranges),
    source: makeRecordQueue(sqs, ranges),
    random: Math.random,
  };
}

export const handler = invocation.within(makeHandler(splitterDeps(process.env)));
