import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent, SQSRecord } from 'aws-lambda';

interface Told {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: string;
  readonly group: string | undefined;
}

/** A record as Lambda hands it to a function. */
export const sqsRecordOf = ({ messageId, receiptHandle, body, receiveCount, group }: Told): SQSRecord => ({
  messageId,
  receiptHandle,
  body,
  attributes: {
    ApproximateReceiveCount: receiveCount,
    SentTimestamp: '1795348800000',
    SenderId: 'AROAEXAMPLE',
    ApproximateFirstReceiveTimestamp: '1795348800000',
    ...(group !== undefined && { MessageGroupId: group }),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:chunks.fifo',
  awsRegion: 'us-east-1',
});

let count = 0;

/** A record that a test makes up. */
export function sqsRecord(body: unknown, receiveCount = 1, group = 'lane'): SQSRecord {
  count += 1;
  return sqsRecordOf({
    messageId: `message-${count}`,
    receiptHandle: `receipt-${count}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    receiveCount: `${receiveCount}`,
    group,
  });
}

export const sqsEvent = (...Records: SQSRecord[]): SQSEvent => ({ Records });

/** What the table's stream says of a change of an item in that partition. */
export const streamRecord = (pk: string, SequenceNumber = pk): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: { SequenceNumber, Keys: { pk: { S: pk }, sk: { S: 'scan' } } },
});

/** What the stream says of a delivery that was written. */
export const deliveryRecord = (watch: string, id: string): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: { SequenceNumber: id, Keys: { pk: { S: `watch/${watch}` }, sk: { S: `delivery/${id}` } } },
});

export const streamEvent = (...Records: DynamoDBRecord[]): DynamoDBStreamEvent => ({ Records });

/** A function that has so much time left, counted from now. */
export const contextWith = (remainingMillis: number): { getRemainingTimeInMillis(): number } => {
  const end = performance.now() + remainingMillis;
  return { getRemainingTimeInMillis: () => Math.max(0, end - performance.now()) };
};
