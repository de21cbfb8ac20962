import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';
import { type Millis, millis } from '../../../shared/domain/units.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import type { Random } from '../faults.ts';

/** One run of a function: what it does before it dies has happened, and after it dies nothing of it happens. */
export interface Life {
  readonly isOver: () => boolean;
  readonly end: () => void;
  readonly ended: Promise<'dead'>;
}

export function beginLife(): Life {
  let over = false;
  let tell = (_: 'dead'): void => {};
  const ended = new Promise<'dead'>((resolve) => {
    tell = resolve;
  });
  return {
    isOver: () => over,
    end: () => {
      over = true;
      tell('dead');
    },
    ended,
  };
}

/** How much goes wrong. */
export interface Weather {
  /** How likely the process dies before a call takes effect, and again after it. */
  readonly death: number;
  /** How likely a call fails before it takes effect, and again after it: throttling, 5xx, an answer that was lost. */
  readonly failure: number;
  /** How likely a call takes seconds. */
  readonly slowness: number;
}

export interface Hazards {
  readonly random: Random;
  readonly clock: Clock;
  readonly weather: () => Weather;
}

const LONGEST_CALL = 4_000;

const never = <Value>(): Promise<Value> => new Promise(() => {});

/** The object as a mortal process sees it over a network: each of its calls may be slow, fail, or be its last. */
export function overNetwork<Target extends object>(target: Target, life: Life, hazards: Hazards): Target {
  const { random, clock, weather } = hazards;
  const down = () => new PortfleetError([errorValue('STORE_UNAVAILABLE', 'It did not answer.')]);
  const pause = (length: number): Promise<void> => new Promise((resolve) => void clock.after(millis(length), resolve));
  return new Proxy(target, {
    get(from, name, receiver) {
      const method: unknown = Reflect.get(from, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]) => {
        const { death, failure, slowness } = weather();
        await pause(random() < slowness ? random() * LONGEST_CALL : random() * 10);
        if (random() < death) life.end();
        if (life.isOver()) return never();
        if (random() < failure) throw down();
        const result: unknown = await method.apply(from, args);
        if (random() < death) life.end();
        if (life.isOver()) return never();
        if (random() < failure) throw down();
        return result;
      };
    },
  });
}

/** A clock that wakes nobody who is dead. */
export const mortalClock = (clock: Clock, life: Life): Clock => ({
  now: clock.now,
  wall: clock.wall,
  after: (delay: Millis, wake) => clock.after(delay, () => life.isOver() || wake()),
  afterTurn: (wake) => clock.afterTurn(() => life.isOver() || wake()),
});

/** What the dead would send is not sent, and what comes back for them is not told. */
export const mortalProber = (prober: Prober, life: Life): Prober => ({
  send: (probe, tell) =>
    life.isOver() ? { cancel: () => {} } : prober.send(probe, (outcome) => life.isOver() || tell(outcome)),
});
