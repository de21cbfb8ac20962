/** What a worker dies of in a test. Everything else that is thrown is a real mistake. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export type Random = () => number;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Faults {
  readonly random: Random;
  /** How likely the caller dies before a call takes effect, and again after. */
  readonly crash: number;
  /** Told of every call that took effect, before its caller may die of it. */
  readonly witness?: (method: string, args: readonly unknown[], result: unknown) => void;
}

/**
 * The same object, but whoever calls one of `methods` may die before it or after it, and turns of the event loop pass,
 * so that callers overtake each other.
 */
export function crashing<Target extends object>(
  target: Target,
  methods: readonly (keyof Target & string)[],
  { random, crash, witness }: Faults,
): Target {
  return new Proxy(target, {
    get(from, key, receiver) {
      const method: unknown = Reflect.get(from, key, receiver);
      if (typeof method !== 'function' || !methods.some((each) => each === key)) return method;
      return async (...args: readonly unknown[]) => {
        if (random() < 0.5) await turn();
        if (random() < crash) throw new Crash(`before ${String(key)}`);
        const result: unknown = await method.apply(from, args);
        witness?.(String(key), args, result);
        if (random() < crash) throw new Crash(`after ${String(key)}`);
        return result;
      };
    },
  });
}
