import {
  DeleteMessageCommand,
  type Message,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { sqsRecordOf } from './events.ts';
import type { FunctionProcess, Invoked } from './function-process.ts';

/** What an event source did with one message. */
export interface Delivered {
  readonly body: string;
  readonly receiveCount: number;
  readonly how: Invoked;
  /** Deleted, because the function did not ask for it again. */
  readonly deleted: boolean;
}

/**
 * An event source with batch size 1 and partial batch responses, over so many functions: each takes one message of the
 * queue at a time. Returns when `isDone` says so; it is asked after every message and whenever the queue gives none.
 */
export async function runEventSource(
  { client, queueUrl, functions }: EventSource,
  isDone: (soFar: readonly Delivered[]) => Promise<boolean>,
): Promise<Delivered[]> {
  const delivered: Delivered[] = [];
  let done = false;
  const work = async (lambda: FunctionProcess): Promise<void> => {
    while (!done) {
      const record = await receive(client, queueUrl);
      if (record) delivered.push(await deliver(client, queueUrl, lambda, record));
      else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      done ||= await isDone(delivered);
    }
  };
  await Promise.all(functions.map(work));
  return delivered;
}

export interface EventSource {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly functions: readonly FunctionProcess[];
}

/** An idle queue is asked again after this; the emulator's long poll holds one of its threads each. */
const LOOK_EVERY_MS = 200;

/** One message, as Lambda writes it into its event. */
export async function receive(client: SQSClient, QueueUrl: string): Promise<SQSRecord | undefined> {
  const { Messages: [message] = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, MessageSystemAttributeNames: ['All'] }),
  );
  return message && recordOf(message);
}

const recordOf = ({ MessageId, ReceiptHandle, Body, Attributes }: Message): SQSRecord =>
  sqsRecordOf({
    messageId: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    receiveCount: Attributes?.ApproximateReceiveCount ?? '1',
    group: Attributes?.MessageGroupId,
  });

/** Lambda deletes a message unless its function failed, or named it among those to be delivered again. */
export async function deliver(
  client: SQSClient,
  QueueUrl: string,
  lambda: FunctionProcess,
  record: SQSRecord,
): Promise<Delivered> {
  const how = await lambda.invoke({ Records: [record] });
  const failures = how.kind === 'response' ? ((how.value as SQSBatchResponse | null)?.batchItemFailures ?? []) : null;
  const deleted = failures?.every(({ itemIdentifier }) => itemIdentifier !== record.messageId) ?? false;
  if (deleted) await remove(client, QueueUrl, record);
  return { body: record.body, receiveCount: Number(record.attributes.ApproximateReceiveCount), how, deleted };
}

/** A message that was delivered again meanwhile is not this delivery's to delete: SQS says so, and Lambda does not mind. */
async function remove(client: SQSClient, QueueUrl: string, { receiptHandle }: SQSRecord): Promise<void> {
  try {
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }));
  } catch (error) {
    if (!(error instanceof ReceiptHandleIsInvalid)) throw error;
  }
}
