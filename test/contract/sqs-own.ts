import { CreateQueueCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { ulid } from 'ulid';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readChunkRange } from '../../lambdas/aws/queue-messages.ts';
import { makeRecordQueue, makeSqsRangeQueue } from '../../lambdas/aws/sqs-senders.ts';
import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import { chunkNumber, millis } from '../../shared/domain/units.ts';
import type { Outgoing } from '../../shared/seams/chunk-queue.ts';
import type { Ministack } from '../helpers/aws/ministack.ts';
import { makeSqsChunkQueue } from '../helpers/aws/sqs-chunk-queue.ts';
import { createQueues, sqsClientAt } from '../helpers/aws/sqs-queues.ts';
import { receive } from '../helpers/lambda/event-source.ts';
import { freshScanId } from '../helpers/sample-scan.ts';

const MINUTE = millis(60_000);

/** What SQS does that no other queue here does, and what the functions build on it. */
export function sqsOwnContract(ministackOf: () => Ministack): void {
  async function bench() {
    const client: SQSClient = sqsClientAt(ministackOf().endpoint);
    onTestFinished(() => client.destroy());
    const urls = await createQueues(client, MAX_DELIVERIES);
    const scanId = freshScanId();
    const outgoing = (chunk: number, key: string): Outgoing => ({
      message: { scanId, chunk: chunkNumber(chunk) },
      group: 'lane',
      deduplicationKey: `${scanId}/${key}`,
    });
    const next = async (): Promise<SQSRecord> => (await receive(client, urls.chunks)) ?? expect.unreachable();
    return {
      client,
      urls,
      outgoing,
      next,
      queue: makeSqsChunkQueue(client, urls),
      records: makeRecordQueue(client, urls.chunks),
      elapse: (minutes: number) => ministackOf().elapse(millis(minutes * MINUTE)),
    };
  }

  describe('the queue over SQS', () => {
    it('swallows a key that it knows for five minutes, but not the key of a new generation', async () => {
      const { queue, outgoing, elapse } = await bench();
      const send = async (key: string): Promise<boolean> => {
        await queue.send([outgoing(0, key)]);
        const [delivery] = await queue.receive(1, MINUTE);
        if (delivery) await queue.delete(delivery);
        return delivery !== undefined;
      };
      expect(await send('0')).toBe(true);
      expect(await send('0')).toBe(false);
      expect(await send('0/again-1')).toBe(true);
      elapse(6);
      expect(await send('0')).toBe(true);
    });

    it('sends a message again behind its group, with all its deliveries before it, and once', async () => {
      const { queue, records, outgoing, next } = await bench();
      await queue.send([outgoing(0, 'a'), outgoing(1, 'b')]);
      const [worn] = await queue.receive(1, MINUTE);
      if (worn) await queue.release(worn);
      const first = await next();
      expect(first.attributes.ApproximateReceiveCount).toBe('2');
      await records.sendAgain(first);
      // The function died before its message was deleted, got it again, and did the same.
      await records.sendAgain(first);
      expect(await queue.depth()).toBe(3);
      await queue.delete({ ...(worn ?? expect.unreachable()), receipt: first.receiptHandle });
      const order: unknown[] = [];
      for (let left = await queue.depth(); left > 0; left--) {
        const record = await next();
        order.push([JSON.parse(record.body).chunk, record.attributes.ApproximateReceiveCount]);
        await queue.delete({ ...(worn ?? expect.unreachable()), receipt: record.receiptHandle });
      }
      expect(order).toEqual([
        [1, '1'],
        [0, '1'],
      ]);
    });

    it('hides a message for as long as it is told, and its lane with it', async () => {
      const { client, urls, queue, records, outgoing, next, elapse } = await bench();
      await queue.send([outgoing(0, 'a'), outgoing(1, 'b')]);
      await records.hide(await next(), MINUTE);
      elapse(0.9);
      expect(await receive(client, urls.chunks)).toBeUndefined();
      elapse(0.2);
      expect(JSON.parse((await next()).body).chunk).toBe(0);
    });

    it('leaves a message that is not ours to the dead letters', async () => {
      const { client, urls, queue } = await bench();
      const odd = { MessageGroupId: 'lane', MessageDeduplicationId: 'odd' };
      await client.send(new SendMessageCommand({ QueueUrl: urls.chunks, MessageBody: '{"chunk":0}', ...odd }));
      expect(await queue.receive(10, MINUTE)).toEqual([]);
      expect(await queue.depth()).toBe(1);
    });
  });

  describe('the queue of ranges over SQS', () => {
    it('carries more ranges than one call takes, each as it was', async () => {
      const { client } = await bench();
      const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: ulid() }));
      const scanId = freshScanId();
      const ranges = Array.from({ length: 23 }, (_, at) => ({
        ...{ scanId, first: at * 10, count: 10, generation: at % 3 },
        ...(at % 2 === 1 && { sentFrom: at, window: 40 }),
      }));
      await makeSqsRangeQueue(client, QueueUrl).send(ranges);
      const received: unknown[] = [];
      for (let record = await receive(client, QueueUrl); record; record = await receive(client, QueueUrl)) {
        received.push(readChunkRange(record.body));
      }
      expect(received).toHaveLength(23);
      expect(received).toEqual(expect.arrayContaining(ranges));
    });

    it('holds a range back for its next turn', async () => {
      const { client, elapse } = await bench();
      const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: ulid() }));
      const range = { scanId: freshScanId(), first: 0, count: 1, generation: 0 };
      await makeSqsRangeQueue(client, QueueUrl).send([range], 60);
      elapse(0.9);
      expect(await receive(client, QueueUrl)).toBeUndefined();
      elapse(0.2);
      expect(readChunkRange((await receive(client, QueueUrl))?.body ?? '')).toEqual(range);
    });

    it.each(['', 'null', '[]', '{"scanId":"x","first":0,"count":1,"generation":0}'])('reads no range in %j', (body) => {
      expect(readChunkRange(body)).toBeUndefined();
    });

    it.each([-1, 0.5, 1e300, '1', null])('reads no range with the number %j in it', (first) => {
      const range = { scanId: freshScanId(), first, count: 1, generation: 0 };
      expect(readChunkRange(JSON.stringify(range))).toBeUndefined();
      expect(readChunkRange(JSON.stringify({ ...range, first: 7 }))).toEqual({ ...range, first: 7 });
    });
  });
}
