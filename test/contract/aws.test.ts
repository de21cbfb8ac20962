import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { makeDynamoCallerStore } from '../../lambdas/aws/dynamo/caller-store.ts';
import { itemBytes } from '../../lambdas/aws/dynamo/item-size.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import type { ItemKey } from '../../lambdas/aws/dynamo/table.ts';
import { makeDynamoWatchStore } from '../../lambdas/aws/dynamo/watch-store.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { dynamoStoreAt, ownTable, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
import type { Emulator } from '../helpers/aws/emulator.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { sqsQueues } from '../helpers/aws/sqs-queues.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { callerStoreContract } from './caller-store.contract.ts';
import { chunkQueueContract } from './chunk-queue.contract.ts';
import { chunksHeldContract } from './chunks-held.ts';
import { dynamoOwnContract } from './dynamo-own.ts';
import { dynamoWatchesContract } from './dynamo-watches.ts';
import { scanStoreContract } from './scan-store.contract.ts';
import { sqsOwnContract } from './sqs-own.ts';
import { watchBytesContract } from './watch-bytes.ts';
import { watchStoreContract } from './watch-store.contract.ts';

const noDynamo = awsToolsMissing({ java: true, python: false });
const noSqs = awsToolsMissing({ java: false, python: true });
for (const why of new Set([noDynamo, noSqs]))
  if (why) console.warn(`The contract of the AWS adapters is skipped: it ${why}`);

describe.skipIf(noDynamo)('On the real DynamoDB Local', () => {
  let dynamo: Emulator;
  beforeAll(async () => {
    dynamo = await startDynamoLocal();
  });
  afterAll(() => dynamo.stop());

  scanStoreContract('the store over DynamoDB', () => dynamoStoreAt(dynamo.endpoint));
  dynamoOwnContract(() => dynamo.endpoint);
  chunksHeldContract(() => dynamo.endpoint);
  watchStoreContract('the store of watches over DynamoDB', async () => {
    const { table, remove } = await ownTable(dynamo.endpoint);
    return { watches: makeDynamoWatchStore(table), close: remove };
  });
  dynamoWatchesContract(() => dynamo.endpoint);
  watchBytesContract(
    'the table',
    async () => {
      const { client, name, table, remove } = await ownTable(dynamo.endpoint);
      onTestFinished(remove);
      const documents = DynamoDBDocumentClient.from(client);
      return {
        store: makeDynamoScanStore(table, makeRetention(30, systemClock), systemClock),
        watches: makeDynamoWatchStore(table),
        weigh: async () => {
          const { Items = [], LastEvaluatedKey } = await documents.send(new ScanCommand({ TableName: name }));
          expect(LastEvaluatedKey).toBeUndefined();
          return Items.reduce((sum, item) => sum + itemBytes(item as ItemKey), 0);
        },
      };
    },
    1,
  );

  callerStoreContract('the store of callers over DynamoDB', async () => {
    const { table, remove } = await ownTable(dynamo.endpoint);
    return { callers: makeDynamoCallerStore(table, makeRetention(30, systemClock)), close: remove };
  });
});

describe.skipIf(noSqs)('On an SQS endpoint', () => {
  let ministack: Ministack;
  beforeAll(async () => {
    ministack = await startMinistack();
  });
  afterAll(() => ministack.stop());

  chunkQueueContract('the queue over SQS', (maxDeliveries) => sqsQueues(ministack, maxDeliveries));
  sqsOwnContract(() => ministack);
});
