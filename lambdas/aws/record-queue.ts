import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Millis } from '../../shared/domain/units.ts';
import type { SqsRecord } from '../events.ts';

/** What a worker does with a delivery of Lambda's beside ending it. */
export interface RecordQueue {
  /**
   * The same message once more, at the end of its group, with all its deliveries before it. Its key hangs on the
   * message that it follows, so sending it twice makes one.
   */
  sendAnew(record: SqsRecord): Promise<void>;
  /** Stays invisible for so long from now, and is then delivered again. */
  hide(record: SqsRecord, visibility: Millis): Promise<void>;
}

export const makeRecordQueue = (client: SQSClient, QueueUrl: string): RecordQueue => ({
  sendAnew: async ({ messageId, body, attributes }) => {
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
