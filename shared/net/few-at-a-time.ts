import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import type { Resolver } from '../seams/resolver.ts';

/** Names under way at once: getaddrinfo has four threads, and a worker that resolves for others is a function each time. */
const AT_ONCE = 8;

/** A name server that has not answered by then has no answer: a request has half a minute for all of its names. */
const ANSWER_WITHIN = millis(5_000);

/** The resolver, called for a few names at a time and for none longer than it may take. */
export function fewAtATime(resolver: Resolver, clock: Pick<Clock, 'after'>): Resolver {
  const waiting: (() => void)[] = [];
  let underway = 0;
  const turn = async (): Promise<void> => {
    if (underway >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else underway += 1;
  };
  const passOn = (): void => {
    const next = waiting.shift();
    if (next) next();
    else underway -= 1;
  };
  return {
    async resolve(name) {
      await turn();
      try {
        return await within(resolver.resolve(name), clock, ANSWER_WITHIN);
      } finally {
        passOn();
      }
    },
  };
}

async function within<Value>(
  answer: Promise<readonly Value[]>,
  clock: Pick<Clock, 'after'>,
  time: Millis,
): Promise<readonly Value[]> {
  let cancel = (): void => {};
  const late = new Promise<readonly Value[]>((resolve) => {
    cancel = clock.after(time, () => resolve([]));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
