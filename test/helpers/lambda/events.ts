import type { SqsEvent, SqsRecord } from '../../../lambdas/events.ts';

let count = 0;

/** A record as Lambda hands it to a worker. */
export function sqsRecord(body: unknown, receiveCount = 1, group = 'lane'): SqsRecord {
  count += 1;
  return {
    messageId: `message-${count}`,
    receiptHandle: `receipt-${count}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: `${receiveCount}`, MessageGroupId: group },
  };
}

export const sqsEvent = (...Records: SqsRecord[]): SqsEvent => ({ Records });

/** A function that has so much time left, counted from now. */
export const contextWith = (remainingMillis: number): { getRemainingTimeInMillis(): number } => {
  const end = performance.now() + remainingMillis;
  return { getRemainingTimeInMillis: () => Math.max(0, end - performance.now()) };
};
