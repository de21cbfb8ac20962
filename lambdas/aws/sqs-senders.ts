import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Millis } from '../../shared/domain/units.ts';
import type { ChunkSender } from '../../shared/seams/chunk-queue.ts';
import type { RangeQueue } from '../../shared/seams/range-queue.ts';

/**
 * Chunks over SQS FIFO: message groups are SQS's own, and so are the five minutes for which a message is not taken a
 * second time under its key.
 */
export const makeSqsChunkSender = (client: SQSClient, QueueUrl: string): ChunkSender => ({
  send: (messages) =>
    sendAll(
      client,
      QueueUrl,
      messages.map(({ message, group, deduplicationKey }) => ({
        MessageBody: JSON.stringify(message),
        MessageGroupId: group,
        MessageDeduplicationId: deduplicationKey,
      })),
    ),
});

/** Ranges over a standard queue: a range that comes twice sends its chunks under the keys that they have already. */
export const makeSqsRangeQueue = (client: SQSClient, QueueUrl: string): RangeQueue => ({
  send: (ranges, DelaySeconds = 0) =>
    sendAll(
      client,
      QueueUrl,
      ranges.map((range) => ({ MessageBody: JSON.stringify(range), ...(DelaySeconds > 0 && { DelaySeconds }) })),
    ),
});

/** Messages that workers hold, as nearly as SQS tells: its count follows within a minute at the most. */
export async function messagesInFlight(client: SQSClient, QueueUrl: string): Promise<number | null> {
  const AttributeNames = ['ApproximateNumberOfMessagesNotVisible' as const];
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  const count = Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  return Number.isInteger(count) ? count : null;
}

/** What SQS takes in one call. */
export const MESSAGES_PER_CALL = 10;

type Entry = Omit<SendMessageBatchRequestEntry, 'Id'>;

async function sendAll(client: SQSClient, QueueUrl: string, entries: readonly Entry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += MESSAGES_PER_CALL) {
    const some = entries.slice(from, from + MESSAGES_PER_CALL).map((entry, index) => ({ ...entry, Id: `${index}` }));
    await sendBatch(client, QueueUrl, some);
  }
}

const TRIES = 3;

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

/** What a worker does with a delivery of Lambda's beside ending it. */
export interface RecordQueue {
  /**
   * Sends the same message once more, to the end of its group, as one that was never delivered. Its key derives from
   * the message that it follows, so sending it twice makes one.
   */
  sendAgain(record: SQSRecord): Promise<void>;
  /** Stays invisible for so long from now, and is then delivered again. */
  hide(record: SQSRecord, visibility: Millis): Promise<void>;
}

export const makeRecordQueue = (client: SQSClient, QueueUrl: string): RecordQueue => ({
  sendAgain: async ({ messageId, body, attributes }) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: attributes.MessageGroupId,
        MessageDeduplicationId: `${messageId}/next`,
      }),
    );
  },
  hide: async ({ receiptHandle }, visibility) => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.ceil(visibility / 1_000),
      }),
    );
  },
});
