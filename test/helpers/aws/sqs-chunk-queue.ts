import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { readChunkMessage } from '../../../lambdas/aws/queue-messages.ts';
import { makeSqsChunkSender } from '../../../lambdas/aws/sqs-senders.ts';
import type { ChunkMessage } from '../../../shared/domain/scan.ts';
import { type Millis, millis } from '../../../shared/domain/units.ts';
import type { ChunkQueue, Delivery } from '../../../shared/seams/chunk-queue.ts';

export interface QueueUrls {
  /** A FIFO queue; how often a message may be delivered is in its redrive policy. */
  readonly chunks: string;
  readonly deadLetters: string;
}

/** What SQS gives in one call. */
const MESSAGES_PER_CALL = 10;

/**
 * Both ends of the queue of chunks. In a deployment Lambda's event source is the receiving end; this one shows that SQS
 * keeps the contract that the queue of one machine keeps.
 */
export function makeSqsChunkQueue(client: SQSClient, urls: QueueUrls): ChunkQueue {
  const setVisibility = (delivery: Pick<Delivery, 'receipt'>, visibility: Millis): Promise<void> =>
    changeVisibility(client, urls.chunks, delivery, visibility);
  return {
    ...makeSqsChunkSender(client, urls.chunks),
    receive: async (limit, visibility) => {
      const messages = await receive(client, urls.chunks, limit, visibility);
      return messages.flatMap(deliveryOf);
    },
    delete: async ({ receipt }) => {
      await unlessStale(client.send(new DeleteMessageCommand({ QueueUrl: urls.chunks, ReceiptHandle: receipt })));
    },
    extend: setVisibility,
    release: (delivery) => setVisibility(delivery, millis(0)),
    takeDeadLetters: (limit) => takeDeadLetters(client, urls.deadLetters, limit),
    depth: () => depth(client, urls.chunks),
  };
}

async function receive(client: SQSClient, QueueUrl: string, limit: number, visibility: Millis): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(limit, MESSAGES_PER_CALL),
      VisibilityTimeout: wholeSeconds(visibility),
      MessageSystemAttributeNames: ['MessageGroupId', 'ApproximateReceiveCount'],
    }),
  );
  return Messages;
}

const wholeSeconds = (time: Millis): number => Math.ceil(time / 1_000);

/** What is no message of ours stays where it is, and becomes a dead letter in time. */
function deliveryOf({ Body, ReceiptHandle, Attributes }: Message): Delivery[] {
  const message = readChunkMessage(Body ?? '');
  if (!message || ReceiptHandle === undefined) return [];
  return [
    {
      message,
      group: Attributes?.MessageGroupId ?? '',
      receipt: ReceiptHandle,
      receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    },
  ];
}

async function changeVisibility(
  client: SQSClient,
  QueueUrl: string,
  { receipt }: Pick<Delivery, 'receipt'>,
  visibility: Millis,
): Promise<void> {
  const VisibilityTimeout = wholeSeconds(visibility);
  await unlessStale(
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout })),
  );
}

/** How SQS says that a message is in other hands, or in nobody's. */
const STALE = new Set(['MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue', 'InvalidIdFormat']);

async function unlessStale(sending: Promise<unknown>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if (!(error instanceof Error && STALE.has(error.name))) throw error;
  }
}

async function takeDeadLetters(client: SQSClient, QueueUrl: string, limit: number): Promise<ChunkMessage[]> {
  const deadLetters: ChunkMessage[] = [];
  for (const { Body, ReceiptHandle } of await receive(client, QueueUrl, limit, DEAD_LETTER_VISIBILITY)) {
    const message = readChunkMessage(Body ?? '');
    if (message) deadLetters.push(message);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return deadLetters;
}

/** Long enough to delete what was just received. */
const DEAD_LETTER_VISIBILITY = millis(30_000);

async function depth(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}
