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
  /** How long that will take, in milliseconds, by how it went so far; `timeout` is how long a silent port is waited for. */
  timeLeft(timeout: number): number;
}

/** So many datagrams leave within a few milliseconds, in which no limit in use gives out another answer. */
const MOST_AT_ONCE = 64;

/**
 * Where nothing was held back, the sweep's own attempts count, and one more settles it. Where something was, they do not:
 * then a packet that is lost must not pass for a silence.
 */
const CONFIRMATIONS_IF_FREE = 1;
const CONFIRMATIONS_IF_HELD_BACK = 2;

/** Rounds for so many ports of a target that holds nothing back: each silent round is followed by one twice as large. */
export function roundsIfFree(ports: number, first: number): number {
  let [left, rounds] = [ports, 0];
  for (let size = first; left > 0 && size < MOST_AT_ONCE; size *= 2) {
    left -= size;
    rounds += 1;
  }
  return rounds + Math.ceil(Math.max(0, left) / MOST_AT_ONCE);
}

/** Fewer ports told say nothing of how fast they are. */
const LEAST_TOLD = 3;

/** How fast ports are told closed or silent for the first time, since answers were seen held back. */
type ToldPace = ReturnType<typeof makeToldPace>;

function makeToldPace() {
  let [told, from, until] = [0, 0, 0];
  return {
    told(ports: number, at: Millis): void {
      if (ports === 0) return;
      if (told === 0) from = at;
      told += ports;
      until = at;
    },
    all: (): number => told,
    /** Milliseconds for each; null while too few were told. */
    ofEach: (): number | null => (told < LEAST_TOLD ? null : (until - from) / (told - 1)),
  };
}

interface HeldBack {
  readonly queue: readonly number[];
  readonly confirmations: ReadonlyMap<number, number>;
  readonly pace: ToldPace;
  readonly atOnce: number;
}

/** First every port is told once, at the pace so far; then those that were silent are confirmed, ever more in a round. */
function timeHeldBack({ queue, confirmations, pace, atOnce }: HeldBack, gap: number): number {
  const unknown = queue.filter((offset) => !confirmations.has(offset)).length;
  const ofEach = pace.ofEach() ?? gap;
  // One of the rounds may come too early, and is made again.
  if (unknown === 0) return (roundsIfFree(queue.length, atOnce) + 1) * Math.max(gap, ofEach);
  const silentShare = confirmations.size / (1 + pace.all());
  const again = roundsIfFree(queue.length - unknown + unknown * silentShare, 1);
  return unknown * ofEach + again * Math.max(ofEach, gap);
}

export function makeReprobe(silent: readonly number[], rate: IcmpRateLimit): Reprobe {
  let queue = [...silent];
  const confirmations = new Map<number, number>();
  let silentBefore: number | undefined;
  let atOnce = 1;
  let free = true;
  const pace = makeToldPace();

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
      const isFirst = !free && !confirmations.has(round.offsets[0] ?? Number.NaN);
      pace.told(isFirst ? answered.size + (control ? silent.length : 0) : 0, at);
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
    timeLeft(timeout) {
      if (free) return roundsIfFree(queue.length, atOnce) * timeout;
      return timeHeldBack({ queue, confirmations, pace, atOnce }, Math.max(timeout, rate.gap()));
    },
  };
}
