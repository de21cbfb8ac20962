import { expect, it } from 'vitest';
import { millis } from '../../shared/domain/units.ts';
import type { Delivery } from '../../shared/seams/chunk-queue.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { type Bench, chunksOf, drain, inOrder, only, outgoing, type SetUp, upTo } from './queue-bench.ts';

export function delivering(setUp: SetUp): void {
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

export function redelivering(setUp: SetUp): void {
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

  it('to no other worker when the holder of an old receipt releases it', async () => {
    const bench = await withOneInFlight();
    await bench.outlastVisibility();
    const second = only(await bench.receive());
    await bench.queue.release(bench.first);
    expect(await bench.receive(10)).toEqual([]);
    await bench.queue.delete(second);
    expect(await bench.queue.depth()).toBe(0);
  });
}

export function extending(setUp: SetUp): void {
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
