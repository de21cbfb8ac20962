import { ulid } from 'ulid';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeDynamoCallerStore } from '../../lambdas/aws/dynamo/caller-store.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { makeTable } from '../../lambdas/aws/dynamo/table.ts';
import { makeDynamoWatchStore } from '../../lambdas/aws/dynamo/watch-store.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { createTable, deleteTable, dynamoClientAt, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
import type { Emulator } from '../helpers/aws/emulator.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { sqsQueues } from '../helpers/aws/sqs-queues.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { callerStoreContract } from './caller-store.contract.ts';
import { chunkQueueContract } from './chunk-queue.contract.ts';
import { dynamoOwnContract } from './dynamo-own.ts';
import { dynamoWatchesContract } from './dynamo-watches.ts';
import { scanStoreContract } from './scan-store.contract.ts';
import { sqsOwnContract } from './sqs-own.ts';
import { watchStoreContract } from './watch-store.contract.ts';

const noDynamo = awsToolsMissing({ java: true, python: false });
const noSqs = awsToolsMissing({ java: false, python: true });
for (const why of new Set([noDynamo, noSqs]))
  if (why) console.warn(`The contract of the AWS adapters is skipped: it ${why}`);

describe.skipIf(noDynamo)('On the real DynamoDB Local', () => {
  let dynamo: Emulator;
  beforeAll(async () => {
    dynamo = await startDynamoLocal();
  }, 60_000);
  afterAll(() => dynamo.stop());

  const dynamoStore = async (): Promise<ScanStore> => {
    const client = dynamoClientAt(dynamo.endpoint);
    const name = ulid();
    await createTable(client, name);
    const store = makeDynamoScanStore(makeTable(client, name), makeRetention(30, systemClock), systemClock);
    return {
      ...store,
      close: async () => {
        await deleteTable(client, name);
        client.destroy();
      },
    };
  };

  scanStoreContract('the store over DynamoDB', dynamoStore);
  dynamoOwnContract(() => dynamo.endpoint);
  watchStoreContract('the store of watches over DynamoDB', async () => {
    const client = dynamoClientAt(dynamo.endpoint);
    const name = ulid();
    await createTable(client, name);
    return {
      watches: makeDynamoWatchStore(makeTable(client, name)),
      close: async () => {
        await deleteTable(client, name);
        client.destroy();
      },
    };
  });
  dynamoWatchesContract(() => dynamo.endpoint);

  callerStoreContract('the store of callers over DynamoDB', async () => {
    const client = dynamoClientAt(dynamo.endpoint);
    const name = ulid();
    await createTable(client, name);
    return {
      callers: makeDynamoCallerStore(makeTable(client, name), makeRetention(30, systemClock)),
      close: async () => {
        await deleteTable(client, name);
        client.destroy();
      },
    };
  });
});

describe.skipIf(noSqs)('On an SQS endpoint', () => {
  let ministack: Ministack;
  beforeAll(async () => {
    ministack = await startMinistack();
  }, 60_000);
  afterAll(() => ministack.stop());

  chunkQueueContract('the queue over SQS', (maxDeliveries) => sqsQueues(ministack, maxDeliveries));
  sqsOwnContract(() => ministack);
});
