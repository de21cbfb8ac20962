import { expect, it } from 'vitest';
import { freshScanId } from '../helpers/sample-scan.ts';
import { chunksOf, drain, only, outgoing, type SetUp, upTo, wearOut } from './queue-bench.ts';

export function groups(setUp: SetUp): void {
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

export function scansApart(setUp: SetUp): void {
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
