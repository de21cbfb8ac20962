import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { CHUNK_VISIBILITY_SECONDS, MAX_DELIVERIES } from '../../../shared/domain/limits.ts';
import { millis } from '../../../shared/domain/units.ts';
import type { QueueUnderTest } from '../../contract/queue-bench.ts';
import type { Ministack } from './ministack.ts';
import { makeSqsChunkQueue, type QueueUrls } from './sqs-chunk-queue.ts';

export const sqsClientAt = (endpoint: string): SQSClient =>
  new SQSClient({
    endpoint,
    useQueueUrlAsEndpoint: false,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'nobody' },
  });

/** What SQS takes. */
const MOST_RECEIVES = 1_000;

/** A FIFO queue and its dead letters, as cdk makes them. */
export async function createQueues(client: SQSClient, maxDeliveries: number): Promise<QueueUrls> {
  const name = ulid();
  const fifo = { FifoQueue: 'true', DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  const create = async (QueueName: string, Attributes: Record<string, string>): Promise<string> =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const deadLetters = await create(`${name}-dead.fifo`, fifo);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ['QueueArn'] }),
  );
  const redrive = {
    deadLetterTargetArn: Attributes?.QueueArn,
    maxReceiveCount: Math.min(maxDeliveries, MOST_RECEIVES),
  };
  const chunks = await create(`${name}.fifo`, {
    ...fifo,
    VisibilityTimeout: `${CHUNK_VISIBILITY_SECONDS}`,
    RedrivePolicy: JSON.stringify(redrive),
  });
  return { chunks, deadLetters };
}

/** Queues over SQS as ministack has it. Time is the emulator's own, and a test sets it forward. */
export async function sqsQueues(ministack: Ministack, maxDeliveries = MAX_DELIVERIES): Promise<QueueUnderTest> {
  const client = sqsClientAt(ministack.endpoint);
  const queue = makeSqsChunkQueue(client, await createQueues(client, maxDeliveries));
  return {
    queueOf: () => queue,
    visibility: millis(30_000),
    elapse: async (time) => ministack.elapse(time),
    close: async () => client.destroy(),
  };
}
