import type { Millis } from '../../domain/units.ts';
import type { IcmpRateLimit } from '../target/icmp-limit.ts';

/** Some silent ports asked once more at one moment, in order; then, if `witness`, a port that is known to be closed. */
export interface Round {
  readonly offsets: readonly number[];
  readonly witness: boolean;
}

/** What a round brought. */
export interface RoundAnswer {
  /** Offsets that answered at last, whatever they said; and those of them that turned out closed. */
  readonly spoke: ReadonlySet<number>;
  readonly closed: ReadonlySet<number>;
  /** The witness answered. */
  readonly witness: boolean;
}

/**
 * Which silent ports of a target are closed after all, and which are silent though the target was free to answer.
 *
 * A port that is silent proves nothing while answers are held back. But if a closed port, asked right behind it, is
 * answered, then an answer was to be had: the silence is the port's own. So each round ends in one of these:
 *
 *   all spoke                         the next round may come sooner
 *   some silent, the witness speaks   it testifies to their silence; if none was closed, ask twice as many next time
 *   some silent, the witness too      answers are held back: if none came, wait longer; else ask one at a time
 *   some silent, no witness asked     ask the first of them again with a witness behind it
 *
 * The witness costs an answer, so on a target that holds them back it is asked only behind a port that was silent.
 */
export interface Reprobe {
  /** The next round; undefined when nothing is in doubt any more. */
  next(): Round | undefined;
  /** Takes in what a round brought; the result is which offsets are silent for sure. */
  heard(round: Round, answer: RoundAnswer, at: Millis): readonly number[];
  /** What is still in doubt. */
  doubts(): readonly number[];
}

/** So many datagrams leave within a few milliseconds, in which no limit in use gives out another answer. */
const MOST_AT_ONCE = 64;

/**
 * Where nothing was held back, the sweep's own asks count, and one more settles it. Where something was, they do not:
 * then a packet that is lost must not pass for a silence.
 */
const TESTIMONIES_IF_FREE = 1;
const TESTIMONIES_IF_HELD_BACK = 2;

export function makeReprobe(silent: readonly number[], rate: IcmpRateLimit): Reprobe {
  let queue = [...silent];
  const testimonies = new Map<number, number>();
  let suspect: number | undefined;
  let atOnce = 1;
  let free = true;

  /** The witness spoke and these did not. Those that need another testimony wait for it behind all others. */
  function testify(offsets: readonly number[]): readonly number[] {
    const enough = free ? TESTIMONIES_IF_FREE : TESTIMONIES_IF_HELD_BACK;
    for (const offset of offsets) testimonies.set(offset, (testimonies.get(offset) ?? 0) + 1);
    const isSure = (offset: number): boolean => (testimonies.get(offset) ?? 0) >= enough;
    const testified = new Set(offsets);
    queue = [...queue.filter((offset) => !testified.has(offset)), ...offsets.filter((offset) => !isSure(offset))];
    return offsets.filter(isSure);
  }

  return {
    next() {
      const [first] = queue;
      if (first === undefined) return undefined;
      const isDoubted = first === suspect || testimonies.has(first);
      return { offsets: queue.slice(0, atOnce), witness: free || isDoubted };
    },
    heard(round, { spoke, closed, witness }, at) {
      const silent = round.offsets.filter((offset) => !spoke.has(offset));
      queue = queue.filter((offset) => !spoke.has(offset));
      suspect = silent[0];
      rate.heard({ lateClosed: closed.size, witness }, at);
      if (silent.length > 0 && !round.witness) return [];
      if (silent.length > 0 && !witness) {
        rate.heldBack(at, spoke.size > 0);
        free = false;
        if (spoke.size > 0) atOnce = 1;
        return [];
      }
      rate.speedUp();
      if (silent.length > 0 && closed.size === 0) atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
      return testify(silent);
    },
    doubts: () => queue,
  };
}
