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
