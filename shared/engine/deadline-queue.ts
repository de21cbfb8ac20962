import { type Millis, millis } from '../domain/units.ts';

/** Something that has to have happened by its deadline. */
export interface Due {
  readonly deadline: Millis;
  /** It happened: the queue may forget it. */
  readonly over: boolean;
}

/**
 * One coarse queue of deadlines in place of a timer per socket: items lie in buckets of `GRAIN`, and a bucket is looked
 * at when all of it is due. An item is thus at most a grain late, never early.
 */
export interface DeadlineQueue<Item extends Due> {
  add(item: Item): void;
  /** Takes out everything that is due and not over. */
  takeDue(now: Millis): Item[];
  /** When to look again; undefined when the queue holds nothing. */
  next(): Millis | undefined;
}

/** 5 ms: a tenth of the shortest timeout of any template (T5's 50 ms). */
const GRAIN = 5;

export function makeDeadlineQueue<Item extends Due>(): DeadlineQueue<Item> {
  const buckets = new Map<number, Item[]>();
  let earliest = Number.POSITIVE_INFINITY;

  function findEarliest(): void {
    earliest = Number.POSITIVE_INFINITY;
    for (const [key, items] of buckets) {
      // A bucket whose items are all over is not worth waking up for.
      if (items.every((item) => item.over)) buckets.delete(key);
      else if (key < earliest) earliest = key;
    }
  }

  return {
    add(item) {
      const key = Math.ceil(item.deadline / GRAIN);
      const bucket = buckets.get(key);
      if (bucket) bucket.push(item);
      else buckets.set(key, [item]);
      if (key < earliest) earliest = key;
    },
    takeDue(now) {
      const due: Item[] = [];
      while (earliest * GRAIN <= now) {
        for (const item of buckets.get(earliest) ?? []) if (!item.over) due.push(item);
        buckets.delete(earliest);
        findEarliest();
      }
      return due;
    },
    next: () => (earliest === Number.POSITIVE_INFINITY ? undefined : millis(earliest * GRAIN)),
  };
}
