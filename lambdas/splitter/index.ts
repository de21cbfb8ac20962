import { makeSqsChunkSender, makeSqsRangeQueue } from '../aws/sqs-senders.ts';
import type { Environment } from '../env.ts';
import { makeParts } from '../parts.ts';
import { makeHandler, type SplitterDeps } from './handler.ts';

function splitterDeps(environment: Environment): SplitterDeps {
  const { env, sqs, store, log } = makeParts(environment);
  const chunks = env.text('PORTFLEET_CHUNK_QUEUE');
  const ranges = env.text('PORTFLEET_RANGE_QUEUE');
  env.check();
  return { store, log, queue: makeSqsChunkSender(sqs, chunks), ranges: makeSqsRangeQueue(sqs, ranges) };
}

export const handler = makeHandler(splitterDeps(process.env));
