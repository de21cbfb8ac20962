import type { ChunkMessage } from '../domain/scan.ts';
import type { Millis } from '../domain/units.ts';

/** A message as it is sent: messages of one group are delivered in order, and never two of them at once. */
export interface Outgoing {
  readonly message: ChunkMessage;
  readonly group: string;
  /** A message whose key is already on the queue is not sent again. */
  readonly deduplicationKey: string;
}

/** A message that a worker holds, until it is deleted, released or its visibility timeout is over. */
export interface Delivery {
  readonly message: ChunkMessage;
  readonly group: string;
  /** Names this delivery; of no use after the message was delivered again. */
  readonly receipt: string;
  /** Deliveries so far, this one included. */
  readonly receiveCount: number;
}

/** Where chunks are sent: all that a fleet of functions asks of its queue, because Lambda itself receives and deletes. */
export interface ChunkSender {
  /** Idempotent by `deduplicationKey`. */
  send(messages: readonly Outgoing[]): Promise<void>;
}

/** At-least-once, in order within a group: what one machine makes of a table of SQLite, and SQS FIFO is. */
export interface ChunkQueue extends ChunkSender {
  /**
   * Up to `limit` messages whose groups have nothing in flight; they stay invisible for `visibility`. A message that
   * was already delivered `maxDeliveries` times goes to the dead letters instead.
   */
  receive(limit: number, visibility: Millis): Promise<readonly Delivery[]>;
  /** The work is done. With an old receipt it does nothing. */
  delete(delivery: Delivery): Promise<void>;
  /** Stays invisible for `visibility` from now: its worker is alive and still at it. With an old receipt it does nothing. */
  extend(delivery: Delivery, visibility: Millis): Promise<void>;
  /** Visible again at once. With an old receipt it does nothing. */
  release(delivery: Delivery): Promise<void>;
  /** Takes up to `limit` dead letters off the queue. */
  takeDeadLetters(limit: number): Promise<readonly ChunkMessage[]>;
  /** Messages not yet deleted, dead letters left out. */
  depth(): Promise<number>;
}
