import { describe, expect, it, onTestFinished } from 'vitest';
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
interface Bench extends QueueUnderTest {
  readonly scan: ScanId;
  readonly queue: ChunkQueue;
  receive(limit?: number): Promise<readonly Delivery[]>;
  receiveFor(visibility: Millis): Promise<readonly Delivery[]>;
  outlastVisibility(): Promise<void>;
}

type SetUp = () => Promise<Bench>;

/** What every queue of chunks must do, whatever it is built on. */
export function chunkQueueContract(name: string, makeQueue: MakeQueue): void {
  const setUp = benchOf(makeQueue);
  describe(`${name} delivers messages`, () => delivering(setUp));
  describe(`${name} takes back what nobody finished`, () => redelivering(setUp));
  describe(`${name} extends a delivery`, () => extending(setUp));
  describe(`${name} keeps groups`, () => groups(setUp));
  describe(`${name} sets dead letters aside`, () => deadLetters(setUp));
  describe(`${name} sends nothing twice`, () => deduplication(setUp));
}

/** What the queues of one machine do beside: each is the queue of one scan, and forgets what was deleted. */
export function perScanQueueContract(name: string, makeQueue: MakeQueue): void {
  const setUp = benchOf(makeQueue);
  describe(`${name}, being the queue of one scan,`, () => scansApart(setUp));
}

const benchOf = (makeQueue: MakeQueue) => async (): Promise<Bench> => {
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
const outgoing = (scanId: ScanId, chunk: number, group = `group-${chunk}`): Outgoing => ({
  message: { scanId, chunk: chunkNumber(chunk) },
  group,
  deduplicationKey: `${scanId}.${chunk}`,
});

const chunksOf = (deliveries: readonly Delivery[]): number[] => deliveries.map(({ message }) => message.chunk);
const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** The one delivery there must be. */
function only(deliveries: readonly Delivery[]): Delivery {
  expect(deliveries).toHaveLength(1);
  const [delivery] = deliveries;
  if (!delivery) throw new Error('unreachable: there is one');
  return delivery;
}

/** Receives and deletes until nothing comes any more. */
async function drain(bench: Bench, limit = 1): Promise<Delivery[]> {
  const drained: Delivery[] = [];
  for (let batch = await bench.receive(limit); batch.length > 0; batch = await bench.receive(limit)) {
    drained.push(...batch);
    for (const delivery of batch) await bench.queue.delete(delivery);
  }
  return drained;
}

/** Delivered as often as a message may be, and given back each time. */
async function wearOut(bench: Bench): Promise<void> {
  for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
    const worn = only(await bench.receive());
    expect(worn.receiveCount).toBe(delivery);
    await bench.queue.release(worn);
  }
}

function delivering(setUp: SetUp): void {
  it('as they were sent', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 7, '192.0.2.1/0')]);
    const delivery = only(await bench.receive());
    expect(delivery.message).toEqual({ scanId: bench.scan, chunk: 7 });
    expect(delivery.group).toBe('192.0.2.1/0');
    expect(delivery.receiveCount).toBe(1);
  });

  it('none where there are none', async () => {
    const bench = await setUp();
    await bench.queue.send([]);
    expect(await bench.receive(10)).toEqual([]);
    expect(await bench.queue.depth()).toBe(0);
  });

  it('no more of them than were asked for', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(5).map((chunk) => outgoing(bench.scan, chunk)));
    expect((await bench.receive(2)).length).toBeLessThanOrEqual(2);
  });

  it('all of a large sending, each once', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(42).map((chunk) => outgoing(bench.scan, chunk)));
    expect(inOrder(chunksOf(await drain(bench, 10)))).toEqual(upTo(42));
  });

  it('to one of many concurrent receivers', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(10).map((chunk) => outgoing(bench.scan, chunk)));
    const received = await Promise.all(upTo(10).map(() => bench.receive(10)));
    expect(inOrder(chunksOf(received.flat()))).toEqual(upTo(10));
  });

  it('and counts those not deleted yet, in flight or not', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(3).map((chunk) => outgoing(bench.scan, chunk)));
    expect(await bench.queue.depth()).toBe(3);
    const delivery = only(await bench.receive());
    expect(await bench.queue.depth()).toBe(3);
    await bench.queue.delete(delivery);
    expect(await bench.queue.depth()).toBe(2);
  });
}

function redelivering(setUp: SetUp): void {
  const withOneInFlight = async (): Promise<Bench & { readonly first: Delivery }> => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    return { ...bench, first: only(await bench.receive()) };
  };

  it('but not before its visibility timeout is over', async () => {
    const bench = await withOneInFlight();
    expect(await bench.receive(10)).toEqual([]);
  });

  it('when its visibility timeout is over, and counts the deliveries', async () => {
    const bench = await withOneInFlight();
    await bench.outlastVisibility();
    const second = only(await bench.receive());
    expect(second.message).toEqual(bench.first.message);
    expect(second.receiveCount).toBe(2);
    expect(second.receipt).not.toBe(bench.first.receipt);
  });

  it('at once when it was released', async () => {
    const bench = await withOneInFlight();
    await bench.queue.release(bench.first);
    expect(only(await bench.receive()).receiveCount).toBe(2);
  });

  it('never when it was deleted', async () => {
    const bench = await withOneInFlight();
    await bench.queue.delete(bench.first);
    await bench.outlastVisibility();
    expect(await bench.receive(10)).toEqual([]);
    expect(await bench.queue.depth()).toBe(0);
  });

  it('without minding a second deletion, or a release that comes after it', async () => {
    const bench = await withOneInFlight();
    await bench.queue.delete(bench.first);
    await bench.queue.delete(bench.first);
    await bench.queue.release(bench.first);
    expect(await bench.receive(10)).toEqual([]);
  });

  it('whatever the holder of an old receipt deletes', async () => {
    const bench = await withOneInFlight();
    await bench.outlastVisibility();
    const second = only(await bench.receive());
    await bench.queue.delete(bench.first);
    expect(await bench.queue.depth()).toBe(1);
    await bench.queue.release(second);
    expect(only(await bench.receive()).receiveCount).toBe(3);
  });

  it('to nobody else when the holder of an old receipt releases it', async () => {
    const bench = await withOneInFlight();
    await bench.outlastVisibility();
    const second = only(await bench.receive());
    await bench.queue.release(bench.first);
    expect(await bench.receive(10)).toEqual([]);
    await bench.queue.delete(second);
    expect(await bench.queue.depth()).toBe(0);
  });
}

function extending(setUp: SetUp): void {
  it('whose worker is still at it', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    const delivery = only(await bench.receive());
    await bench.elapse(millis(bench.visibility * 0.7));
    await bench.queue.extend(delivery, bench.visibility);
    await bench.elapse(millis(bench.visibility * 0.7));
    expect(await bench.receive()).toEqual([]);
    await bench.elapse(bench.visibility);
    expect(only(await bench.receive()).receiveCount).toBe(2);
  });

  it('to a shorter time as well', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    const delivery = only(await bench.receiveFor(millis(bench.visibility * 10)));
    await bench.queue.extend(delivery, bench.visibility);
    await bench.outlastVisibility();
    only(await bench.receive());
  });

  it('not by an old receipt', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    const first = only(await bench.receive());
    await bench.outlastVisibility();
    only(await bench.receive());
    await bench.queue.extend(first, millis(bench.visibility * 10));
    await bench.outlastVisibility();
    only(await bench.receive());
  });

  it('not when it was released', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    const released = only(await bench.receive());
    await bench.queue.release(released);
    await bench.queue.extend(released, bench.visibility);
    only(await bench.receive());
  });

  it('not when its time is over already: the group may be in other hands', async () => {
    const bench = await setUp();
    const other = freshScanId();
    const otherQueue = bench.queueOf(other);
    await bench.queue.send([outgoing(bench.scan, 0, 'lane')]);
    await otherQueue.send([outgoing(other, 1, 'lane')]);
    const late = only(await bench.receive());
    await bench.outlastVisibility();
    await bench.queue.extend(late, bench.visibility);
    only(await otherQueue.receive(1, bench.visibility));
  });
}

function groups(setUp: SetUp): void {
  it('to one message in flight', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(3).map((chunk) => outgoing(bench.scan, chunk, 'lane')));
    expect(chunksOf(await bench.receive())).toEqual([0]);
    expect(await bench.receive(10)).toEqual([]);
  });

  it('in the order of sending', async () => {
    const bench = await setUp();
    const sent = [4, 1, 3, 0, 2];
    for (const chunk of sent) await bench.queue.send([outgoing(bench.scan, chunk, 'lane')]);
    expect(chunksOf(await drain(bench))).toEqual(sent);
  });

  it('apart: one that is held up holds up no other', async () => {
    const bench = await setUp();
    await bench.queue.send([
      ...[0, 1].map((chunk) => outgoing(bench.scan, chunk, 'left')),
      ...[2, 3].map((chunk) => outgoing(bench.scan, chunk, 'right')),
    ]);
    expect(chunksOf(await bench.receive())).toEqual([0]);
    expect(chunksOf(await bench.receive())).toEqual([2]);
    expect(await bench.receive(10)).toEqual([]);
  });

  it('in order when a message has to be delivered again: it comes before its successors', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(3).map((chunk) => outgoing(bench.scan, chunk, 'lane')));
    only(await bench.receive());
    await bench.outlastVisibility();
    const again = only(await bench.receive());
    expect(again.message.chunk).toBe(0);
    await bench.queue.release(again);
    expect(chunksOf(await drain(bench))).toEqual([0, 1, 2]);
  });

  it('in order when more is sent while one is in flight', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0, 'lane')]);
    const first = only(await bench.receive());
    await bench.queue.send([outgoing(bench.scan, 1, 'lane'), outgoing(bench.scan, 2, 'lane')]);
    expect(await bench.receive(10)).toEqual([]);
    await bench.queue.delete(first);
    expect(chunksOf(await drain(bench))).toEqual([1, 2]);
  });

  it('closed to other scans while one of theirs is in flight', async () => {
    const bench = await setUp();
    const other = freshScanId();
    const otherQueue = bench.queueOf(other);
    await bench.queue.send([outgoing(bench.scan, 0, 'lane')]);
    await otherQueue.send([outgoing(other, 1, 'lane')]);
    const mine = only(await bench.receive());
    expect(await otherQueue.receive(10, bench.visibility)).toEqual([]);
    await bench.queue.delete(mine);
    expect(only(await otherQueue.receive(1, bench.visibility)).message).toEqual({ scanId: other, chunk: 1 });
  });

  it('open to other scans again when a worker lets its visibility timeout pass', async () => {
    const bench = await setUp();
    const other = freshScanId();
    const otherQueue = bench.queueOf(other);
    await bench.queue.send([outgoing(bench.scan, 0, 'lane')]);
    await otherQueue.send([outgoing(other, 1, 'lane')]);
    only(await bench.receive());
    await bench.outlastVisibility();
    const again = only(await bench.receive());
    expect(await otherQueue.receive(10, bench.visibility)).toEqual([]);
    await bench.queue.delete(again);
    only(await otherQueue.receive(1, bench.visibility));
  });

  it('to one in flight under concurrent receivers', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(30).map((chunk) => outgoing(bench.scan, chunk, `lane-${chunk % 3}`)));
    const received = (await Promise.all(upTo(20).map(() => bench.receive()))).flat();
    expect(received.map(({ group }) => group).sort()).toEqual(['lane-0', 'lane-1', 'lane-2']);
  });
}

function deadLetters(setUp: SetUp): void {
  it('after as many deliveries as a message may have', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 3)]);
    await wearOut(bench);
    expect(await bench.receive(10)).toEqual([]);
    expect(await bench.queue.depth()).toBe(0);
    expect(await bench.queue.takeDeadLetters(10)).toEqual([{ scanId: bench.scan, chunk: 3 }]);
  });

  it('when the last delivery was not given back, but timed out', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 3)]);
    for (let delivery = 1; delivery <= MAX_DELIVERIES; delivery++) {
      only(await bench.receive());
      await bench.outlastVisibility();
    }
    expect(await bench.receive()).toEqual([]);
    expect(await bench.queue.takeDeadLetters(1)).toHaveLength(1);
  });

  it('not before: the last delivery can still be finished', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 3)]);
    for (let delivery = 1; delivery < MAX_DELIVERIES; delivery++) {
      await bench.queue.release(only(await bench.receive()));
    }
    await bench.queue.delete(only(await bench.receive()));
    await bench.outlastVisibility();
    expect(await bench.receive()).toEqual([]);
    expect(await bench.queue.takeDeadLetters(10)).toEqual([]);
  });

  it('and hands each out once', async () => {
    const bench = await setUp();
    for (const chunk of upTo(3)) {
      await bench.queue.send([outgoing(bench.scan, chunk, 'lane')]);
      await wearOut(bench);
    }
    expect(await bench.receive()).toEqual([]);
    const taken = [...(await bench.queue.takeDeadLetters(2)), ...(await bench.queue.takeDeadLetters(2))];
    expect(inOrder(taken.map(({ chunk }) => chunk))).toEqual([0, 1, 2]);
    expect(await bench.queue.takeDeadLetters(2)).toEqual([]);
  });

  it('so that the rest of their group goes on', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0, 'lane'), outgoing(bench.scan, 1, 'lane')]);
    await wearOut(bench);
    const next = only(await bench.receive());
    expect(next.message.chunk).toBe(1);
    expect(next.receiveCount).toBe(1);
  });
}

function deduplication(setUp: SetUp): void {
  it('that is still on the queue', async () => {
    const bench = await setUp();
    const message = outgoing(bench.scan, 0);
    await bench.queue.send([message, message]);
    await bench.queue.send([message]);
    expect(await bench.queue.depth()).toBe(1);
    expect(await drain(bench)).toHaveLength(1);
  });

  it('that is in flight', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    const first = only(await bench.receive());
    await bench.queue.send([outgoing(bench.scan, 0)]);
    await bench.queue.delete(first);
    expect(await bench.receive(10)).toEqual([]);
  });

  it('and so loses nothing of a sending that is repeated in part', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(5).map((chunk) => outgoing(bench.scan, chunk)));
    await bench.queue.send(upTo(12).map((chunk) => outgoing(bench.scan, chunk)));
    expect(inOrder(chunksOf(await drain(bench, 10)))).toEqual(upTo(12));
  });

  it('but tells two keys apart, whatever the message', async () => {
    const bench = await setUp();
    const message = outgoing(bench.scan, 0);
    await bench.queue.send([message, { ...message, deduplicationKey: `${message.deduplicationKey}.again` }]);
    expect(await bench.queue.depth()).toBe(2);
  });
}

function scansApart(setUp: SetUp): void {
  it('hands out, counts and buries only what is of that scan', async () => {
    const bench = await setUp();
    const other = bench.queueOf(freshScanId());
    await bench.queue.send([outgoing(bench.scan, 0), outgoing(bench.scan, 1)]);
    expect(await other.receive(10, bench.visibility)).toEqual([]);
    expect(await other.depth()).toBe(0);
    await wearOut(bench);
    await bench.receive();
    expect(await other.takeDeadLetters(10)).toEqual([]);
    expect(await bench.queue.takeDeadLetters(10)).toHaveLength(1);
  });

  it('does not wait for another scan that has left messages in the same group', async () => {
    const bench = await setUp();
    const abandoned = freshScanId();
    await bench.queueOf(abandoned).send([outgoing(abandoned, 0, 'lane')]);
    await bench.queue.send([outgoing(bench.scan, 1, 'lane')]);
    expect(only(await bench.receive()).message.chunk).toBe(1);
  });

  it('takes a message again that was deleted, for a scan that is resumed', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    await bench.queue.delete(only(await bench.receive()));
    await bench.queue.send([outgoing(bench.scan, 0)]);
    expect(only(await bench.receive()).receiveCount).toBe(1);
  });

  it('takes a message again that became a dead letter', async () => {
    const bench = await setUp();
    await bench.queue.send([outgoing(bench.scan, 0)]);
    await wearOut(bench);
    expect(await bench.receive()).toEqual([]);
    await bench.queue.send([outgoing(bench.scan, 0)]);
    expect(only(await bench.receive()).receiveCount).toBe(1);
  });

  it('gives every open group one message of a large request', async () => {
    const bench = await setUp();
    await bench.queue.send(upTo(12).map((chunk) => outgoing(bench.scan, chunk, `lane-${chunk % 4}`)));
    expect(chunksOf(await bench.receive(10))).toEqual([0, 1, 2, 3]);
  });
}
