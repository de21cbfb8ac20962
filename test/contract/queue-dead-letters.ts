import { expect, it } from 'vitest';
import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import { chunksOf, drain, inOrder, only, outgoing, type SetUp, upTo, wearOut } from './queue-bench.ts';

export function deadLetters(setUp: SetUp): void {
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

export function deduplication(setUp: SetUp): void {
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
