import { type Millis, millis } from '../domain/units.ts';

/** Something that has to have happened by its deadline. */
export interface Due {
  readonly deadline: Millis;
}

/**
 * One coarse queue of deadlines in place of a timer per socket: items lie in buckets of `GRAIN`, and a bucket is looked
 * at when all of it is due. An item is thus at most a grain late, never early.
 */
export interface DeadlineQueue<Item extends Due> {
  add(item: Item): void;
  /** It happened in time. The queue lets go of it at once, so that what it holds on to, a socket, can die young. */
  remove(item: Item): void;
  /** Takes out everything that is due. */
  takeDue(now: Millis): Item[];
  /** When to look again; undefined when the queue holds nothing. */
  next(): Millis | undefined;
}

/** 5 ms: a tenth of the shortest timeout of any template (T5's 50 ms). */
const GRAIN = 5;

const bucketOf = ({ deadline }: Due): number => Math.ceil(deadline / GRAIN);

export function makeDeadlineQueue<Item extends Due>(): DeadlineQueue<Item> {
  const buckets = new Map<number, Set<Item>>();
  let earliest = Number.POSITIVE_INFINITY;

  function findEarliest(): void {
    earliest = Number.POSITIVE_INFINITY;
    for (const [key, items] of buckets) {
      // A bucket that came empty is not worth waking up for.
      if (items.size === 0) buckets.delete(key);
      else if (key < earliest) earliest = key;
    }
  }

  return {
    add(item) {
      const key = bucketOf(item);
      const bucket = buckets.get(key);
      if (bucket) bucket.add(item);
      else buckets.set(key, new Set([item]));
      if (key < earliest) earliest = key;
    },
    remove(item) {
      buckets.get(bucketOf(item))?.delete(item);
    },
    takeDue(now) {
      const due: Item[] = [];
      while (earliest * GRAIN <= now) {
        due.push(...(buckets.get(earliest) ?? []));
        buckets.delete(earliest);
        findEarliest();
      }
      return due;
    },
    next: () => (earliest === Number.POSITIVE_INFINITY ? undefined : millis(earliest * GRAIN)),
  };
}

/** A queue of numbers: first in, first out, amortised constant time for both. */
export interface Fifo {
  push(value: number): void;
  shift(): number | undefined;
  forEach(look: (value: number) => void): void;
  readonly length: number;
}

/** Taken places are given back once there are so many and they are the greater part. */
const COMPACT_AT = 1_024;

export function makeFifo(): Fifo {
  let values: number[] = [];
  let head = 0;
  return {
    push(value) {
      values.push(value);
    },
    shift() {
      if (head === values.length) return undefined;
      const value = values[head];
      head += 1;
      if (head >= COMPACT_AT && head * 2 > values.length) {
        values = values.slice(head);
        head = 0;
      }
      return value;
    },
    forEach(look) {
      for (let at = head; at < values.length; at++) look(values[at] as number);
    },
    get length() {
      return values.length - head;
    },
  };
}
