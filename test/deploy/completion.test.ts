import { ulid } from 'ulid';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { makeTable } from '../../lambdas/aws/dynamo/table.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { completionContract } from '../contract/completion.contract.ts';
import { createTable, deleteTable, dynamoClientAt, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
import type { Emulator } from '../helpers/aws/emulator.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { sqsQueues } from '../helpers/aws/sqs-queues.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';

const missing = awsToolsMissing({ java: true, python: true });
if (missing) console.warn(`Completion over DynamoDB and SQS is skipped: it ${missing}`);

describe.skipIf(missing)('On the real DynamoDB Local and an SQS endpoint', () => {
  let [dynamo, ministack]: [Emulator | undefined, Ministack | undefined] = [undefined, undefined];
  beforeAll(async () => {
    [dynamo, ministack] = await Promise.all([startDynamoLocal(), startMinistack()]);
  });
  afterAll(() => Promise.all([dynamo?.stop(), ministack?.stop()]));

  const dynamoStore = async (): Promise<ScanStore> => {
    const client = dynamoClientAt(dynamo?.endpoint ?? '');
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

  completionContract('completion', dynamoStore, (maxDeliveries) => {
    if (!ministack) throw new Error('unreachable: it was started before the first test');
    return sqsQueues(ministack, maxDeliveries);
  });
});
