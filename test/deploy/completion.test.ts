import { afterAll, beforeAll, describe } from 'vitest';
import { completionContract } from '../contract/completion.contract.ts';
import { dynamoStoreAt, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
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

  completionContract(
    'completion',
    () => dynamoStoreAt(dynamo?.endpoint ?? ''),
    (maxDeliveries) => {
      if (!ministack) throw new Error('unreachable: it was started before the first test');
      return sqsQueues(ministack, maxDeliveries);
    },
  );
});
