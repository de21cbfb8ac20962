import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { scanId } from '../../shared/domain/units.ts';
import type { ChunkRange, RangeQueue } from '../../shared/seams/range-queue.ts';
import { MESSAGES_PER_CALL } from './sqs-chunk-queue.ts';

/** Ranges over a standard queue: a range that comes twice sends its chunks under the keys that they have already. */
export const makeSqsRangeQueue = (client: SQSClient, QueueUrl: string): RangeQueue => ({
  send: async (ranges) => {
    for (let from = 0; from < ranges.length; from += MESSAGES_PER_CALL) {
      const some = ranges.slice(from, from + MESSAGES_PER_CALL);
      const Entries = some.map((range, index) => ({ Id: `${index}`, MessageBody: JSON.stringify(range) }));
      const { Failed: [failed] = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (failed) throw new Error(`SQS refused a message: ${failed.Code}`);
    }
  },
});

/** The range that the body of a message spells, or undefined. */
export function readChunkRange(body: string): ChunkRange | undefined {
  try {
    const parsed = JSON.parse(body) as Partial<Record<keyof ChunkRange, unknown>> | null;
    const id = typeof parsed?.scanId === 'string' ? scanId(parsed.scanId) : undefined;
    const [first, count, generation] = [parsed?.first, parsed?.count, parsed?.generation].map(wholeNumber);
    if (!id || first === undefined || count === undefined || generation === undefined) return undefined;
    return { scanId: id, first, count, generation };
  } catch {
    return undefined;
  }
}

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
