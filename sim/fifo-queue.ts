import { makeEventHeap } from './event-heap.ts';

/** A message of the queue of chunks. */
export interface Message {
  readonly chunk: number;
  /** Its place on the queue. */
  readonly order: number;
  readonly sentAt: number;
  /** Deliveries of this message so far. */
  deliveries: number;
}

/**
 * The queue of chunks: in order, and of each message group one message at the most in the hands of a worker.
 *
 *   send ─▶ ready ─ take ─▶ in hand ─ remove ─▶ gone, and the next of its group is ready
 *             ▲                └─ giveBack ─┐
 *             └─────────────────────────────┘
 */
export interface FifoQueue {
  send(chunk: number, now: number): void;
  /** The oldest message that may be delivered. */
  take(): Message | undefined;
  giveBack(message: Message): void;
  remove(message: Message): void;
  ready(): number;
  /** Messages sent so far: the place of the next one. */
  sent(): number;
  /** Messages that wait behind another one of their group. */
  behind(): number;
}

/** `lanes` has the number of each chunk's group; null where each is a group of its own. */
export function makeFifoQueue(lanes: Int32Array | null): FifoQueue {
  const returned = makeEventHeap<Message>();
  const fresh: Message[] = [];
  /** Of each group that has a message ready or in hand: those that wait behind it. */
  const waiting = new Map<number, Message[]>();
  let [next, order, behind] = [0, 0, 0];
  const makeReady = (message: Message): void => returned.put(message.order, message);

  /** True when nothing of the message's group is before it. */
  function enter(message: Message, lane: number): boolean {
    const before = waiting.get(lane);
    if (!before) return waiting.set(lane, []) !== undefined;
    behind += 1;
    before.push(message);
    return false;
  }

  return {
    send(chunk, now) {
      const message = { chunk, order: order++, sentAt: now, deliveries: 0 };
      const lane = lanes?.[chunk];
      if (lane === undefined || enter(message, lane)) fresh.push(message);
    },
    take() {
      const oldest = fresh[next];
      if (!oldest || returned.nextAt() < oldest.order) return returned.take();
      next += 1;
      return oldest;
    },
    giveBack: makeReady,
    remove({ chunk }) {
      const lane = lanes?.[chunk];
      if (lane === undefined) return;
      const following = waiting.get(lane)?.shift();
      if (following) {
        behind -= 1;
        makeReady(following);
      } else waiting.delete(lane);
    },
    ready: () => fresh.length - next + returned.size(),
    sent: () => order,
    behind: () => behind,
  };
}
