import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { ChunkMessage } from '../../shared/domain/scan.ts';
import { type Millis, millis } from '../../shared/domain/units.ts';
import type { ChunkQueue, Delivery, Outgoing } from '../../shared/seams/chunk-queue.ts';
import { readChunkMessage } from './chunk-message.ts';

export interface QueueUrls {
  /** A FIFO queue; how often a message may be delivered is in its redrive policy. */
  readonly chunks: string;
  readonly deadLetters: string;
}

/** What SQS takes, and gives, in one call. */
export const MESSAGES_PER_CALL = 10;

/** The half of the queue that the API and the splitter need: they only send. */
export const makeSqsChunkSender = (client: SQSClient, chunks: string): Pick<ChunkQueue, 'send'> => ({
  send: (messages) => sendAll(client, chunks, messages),
});

/**
 * The queue of chunks over SQS FIFO: message groups are SQS's own, and so are the five minutes for which a message is
 * not taken a second time under its key.
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

async function sendAll(client: SQSClient, QueueUrl: string, messages: readonly Outgoing[]): Promise<void> {
  for (let from = 0; from < messages.length; from += MESSAGES_PER_CALL) {
    const entries = messages.slice(from, from + MESSAGES_PER_CALL).map(
      ({ message, group, deduplicationKey }, index): SendMessageBatchRequestEntry => ({
        Id: `${index}`,
        MessageBody: JSON.stringify(message),
        MessageGroupId: group,
        MessageDeduplicationId: deduplicationKey,
      }),
    );
    await sendBatch(client, QueueUrl, entries);
  }
}

/** A batch may succeed in part. What was refused for SQS's own reasons is sent again; the rest is a mistake of ours. */
async function sendBatch(client: SQSClient, QueueUrl: string, entries: SendMessageBatchRequestEntry[]): Promise<void> {
  let left = entries;
  for (let tries = 0; left.length > 0; tries++) {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: left }));
    const [first] = Failed;
    if (first && (first.SenderFault || tries === TRIES)) throw new Error(`SQS refused a message: ${first.Code}`);
    left = left.filter(({ Id }) => Failed.some((failed) => failed.Id === Id));
  }
}

const TRIES = 3;

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
  const letters: ChunkMessage[] = [];
  for (const { Body, ReceiptHandle } of await receive(client, QueueUrl, limit, LETTER_VISIBILITY)) {
    const message = readChunkMessage(Body ?? '');
    if (message) letters.push(message);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return letters;
}

/** Long enough to delete what was just received. */
const LETTER_VISIBILITY = millis(30_000);

async function depth(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}
