import { expect, onTestFinished } from 'vitest';
import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import { chunkNumber, type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { ChunkQueue, Delivery, Outgoing } from '../../shared/seams/chunk-queue.ts';
import { freshScanId } from '../helpers/sample-scan.ts';

/** A queue of its own for one test, with a way to let time pass over it. */
export interface QueueUnderTest {
  /** The queue as the workers of that scan see it; a deployment with one queue for all gives that one. */
  queueOf(scanId: ScanId): ChunkQueue;
  /** A visibility timeout that the queue keeps and that a test can afford to sit out. */
  readonly visibility: Millis;
  /** Comes back when so much time has passed for the queue: by a settable clock, or by waiting. */
  elapse(time: Millis): Promise<void>;
  close(): Promise<void>;
}

/** `maxDeliveries` is MAX_DELIVERIES where it is left out. */
export type MakeQueue = (maxDeliveries?: number) => Promise<QueueUnderTest>;

/** The queue of a test, and the scan whose messages it carries unless the test says otherwise. */
export interface Bench extends QueueUnderTest {
  readonly scan: ScanId;
  readonly queue: ChunkQueue;
  receive(limit?: number): Promise<readonly Delivery[]>;
  receiveFor(visibility: Millis): Promise<readonly Delivery[]>;
  outlastVisibility(): Promise<void>;
}

export type SetUp = () => Promise<Bench>;

export const benchOf = (makeQueue: MakeQueue) => async (): Promise<Bench> => {
  const made = await makeQueue();
  onTestFinished(() => made.close());
  const scan = freshScanId();
  const queue = made.queueOf(scan);
  return {
    ...made,
    scan,
    queue,
    receive: (limit = 1) => queue.receive(limit, made.visibility),
    receiveFor: (visibility) => queue.receive(1, visibility),
    outlastVisibility: () => made.elapse(millis(made.visibility + 1)),
  };
};

/** A chunk's message in a group of its own, unless one is named. */
export const outgoing = (scanId: ScanId, chunk: number, group = `group-${chunk}`): Outgoing => ({
  message: { scanId, chunk: chunkNumber(chunk) },
  group,
  deduplicationKey: `${scanId}.${chunk}`,
});

export const chunksOf = (deliveries: readonly Delivery[]): number[] => deliveries.map(({ message }) => message.chunk);
export const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** The one delivery there must be. */
export function only(deliveries: readonly Delivery[]): Delivery {
  expect(deliveries).toHaveLength(1);
  const [delivery] = deliveries;
  if (!delivery) throw new Error('unreachable: there is one');
  return delivery;
}

/** Receives and deletes until nothing comes any more. */
export async function drain(bench: Bench, limit = 1): Promise<Delivery[]> {
  const drained: Delivery[] = [];
  for (let batch = await bench.receive(limit); batch.length > 0; batch = await bench.receive(limit)) {
    drained.push(...batch);
    for (const delivery of batch) await bench.queue.delete(delivery);
  }
  return drained;
}

/** Delivered as often as a message may be, and given back each time. */
export async function wearOut(bench: Bench): Promise<void> {
  for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
    const worn = only(await bench.receive());
    expect(worn.receiveCount).toBe(delivery);
    await bench.queue.release(worn);
  }
}
