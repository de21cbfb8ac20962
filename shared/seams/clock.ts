import type { EpochMillis, Millis } from '../domain/units.ts';

/** Time and turns of the event loop, as arguments, so that nothing below reads a global clock. */
export interface Clock {
  /** The monotonic clock: for measuring. */
  now(): Millis;
  /** The wall clock: for the record. */
  wall(): EpochMillis;
  /** Calls `wake` once after `delay`; the returned function takes it back. */
  after(delay: Millis, wake: () => void): () => void;
  /** Calls `wake` when the event loop has once looked for what the sockets have to say. */
  afterTurn(wake: () => void): void;
}
