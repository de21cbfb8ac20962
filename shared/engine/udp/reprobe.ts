import type { Millis } from '../../domain/units.ts';
import type { IcmpRateLimit } from '../target/icmp-limit.ts';

/** Some silent ports probed once more at one moment, in order; then, if `control`, a port that is known to be closed. */
export interface Round {
  readonly offsets: readonly number[];
  readonly control: boolean;
}

/** What a round brought. */
export interface RoundAnswer {
  /** Offsets that answered at last, whatever they said; and those of them that turned out closed. */
  readonly answered: ReadonlySet<number>;
  readonly closed: ReadonlySet<number>;
  /** The control probe was answered. */
  readonly control: boolean;
}

/**
 * Which silent ports of a target are closed after all, and which are silent though the target was free to answer.
 *
 * A port that is silent proves nothing while answers are held back. But if a closed port, probed right after it, is
 * answered, then an answer was to be had: the silence is the port's own. So each round ends in one of these:
 *
 *   all answered                         the next round may come sooner
 *   some silent, the control answers     it confirms their silence; if none was closed, probe twice as many next time
 *   some silent, the control too         answers are held back: if none came, wait longer; else probe one at a time
 *   some silent, no control was sent     probe the first of them again with a control after it
 *
 * The control costs an answer, so on a target that holds them back it is sent only after a port that was silent.
 */
export interface Reprobe {
  /** The next round; undefined when every port is verified. */
  next(): Round | undefined;
  /** Takes in what a round brought; the result is which offsets are silent for sure. */
  heard(round: Round, answer: RoundAnswer, at: Millis): readonly number[];
  /** What is not verified yet. */
  unverified(): readonly number[];
}

/** So many datagrams leave within a few milliseconds, in which no limit in use gives out another answer. */
const MOST_AT_ONCE = 64;

/**
 * Where nothing was held back, the sweep's own attempts count, and one more settles it. Where something was, they do not:
 * then a packet that is lost must not pass for a silence.
 */
const CONFIRMATIONS_IF_FREE = 1;
const CONFIRMATIONS_IF_HELD_BACK = 2;

export function makeReprobe(silent: readonly number[], rate: IcmpRateLimit): Reprobe {
  let queue = [...silent];
  const confirmations = new Map<number, number>();
  let silentBefore: number | undefined;
  let atOnce = 1;
  let free = true;

  /** The control was answered and these were not. Those that need another confirmation wait for it behind all others. */
  function confirm(offsets: readonly number[]): readonly number[] {
    const enough = free ? CONFIRMATIONS_IF_FREE : CONFIRMATIONS_IF_HELD_BACK;
    for (const offset of offsets) confirmations.set(offset, (confirmations.get(offset) ?? 0) + 1);
    const isSure = (offset: number): boolean => (confirmations.get(offset) ?? 0) >= enough;
    const confirmed = new Set(offsets);
    queue = [...queue.filter((offset) => !confirmed.has(offset)), ...offsets.filter((offset) => !isSure(offset))];
    return offsets.filter(isSure);
  }

  return {
    next() {
      const [first] = queue;
      if (first === undefined) return undefined;
      const needsControl = first === silentBefore || confirmations.has(first);
      return { offsets: queue.slice(0, atOnce), control: free || needsControl };
    },
    heard(round, { answered, closed, control }, at) {
      const silent = round.offsets.filter((offset) => !answered.has(offset));
      queue = queue.filter((offset) => !answered.has(offset));
      silentBefore = silent[0];
      rate.heard({ lateClosed: closed.size, control }, at);
      if (silent.length > 0 && !round.control) return [];
      if (silent.length > 0 && !control) {
        rate.heldBack(at, answered.size > 0);
        free = false;
        if (answered.size > 0) atOnce = 1;
        return [];
      }
      rate.speedUp();
      if (silent.length > 0 && closed.size === 0) atOnce = Math.min(MOST_AT_ONCE, atOnce * 2);
      return confirm(silent);
    },
    unverified: () => queue,
  };
}
