import type { Probe } from '../../domain/probe.ts';
import type { Millis } from '../../domain/units.ts';

/**
 * Is the target still there, and do asks still reach it? Where most ports are silent, only a port that is known to answer
 * can tell (nmap's timing ping). One is asked whenever the target has been silent for a while, though asked all the time.
 */
export interface TimingPings {
  /** Some port of the target answered. */
  heard(at: Millis): void;
  /** Too few such ports are known that answer. */
  wantsMore(isClosed: boolean): boolean;
  /** A port that answered. Closed ones are pinged rather than open ones: it costs their host the least. */
  mayBeAsked(probe: Probe, isClosed: boolean): void;
  /** Whom to ping next, each time another one; undefined as long as nobody answered. */
  next(): Probe | undefined;
  /** The target has been silent for so long, and asked so often, that it is time to ping. */
  isDue(now: Millis): boolean;
  /** An ask of any kind goes out. */
  asked(isPing: boolean): void;
  /** A ping that this machine failed to send. */
  unasked(): void;
  /** A ping has ended; gives which ask in a row it was. */
  ended(answered: boolean, at: Millis): number;
  /** So many pings in a row were silent that the target, or something before it, must be holding answers back. */
  areUnheard(): boolean;
}

/** A quarter of a second at T3's rate is 750 asks: silence for so long is no chance where every tenth port answers. */
const SILENT_FOR = 250;
/** A hundredth of the asks is no burden, and no more than that is spent on looking whether the others are heard. */
const ASKS_PER_PING = 100;
/** One ping may be lost, or two. */
const UNHEARD = 3;
const WITNESSES = 8;

export function makeTimingPings(): TimingPings {
  const closed: Probe[] = [];
  const open: Probe[] = [];
  let called = 0;
  let heardAt = 0;
  let asksSince = 0;
  let underWay = 0;
  let unheard = 0;
  return {
    heard(at) {
      heardAt = at;
    },
    wantsMore: (isClosed) => (isClosed ? closed : open).length < WITNESSES,
    mayBeAsked(probe, isClosed) {
      const witnesses = isClosed ? closed : open;
      if (witnesses.length < WITNESSES) witnesses.push(probe);
    },
    next() {
      called += 1;
      const witnesses = closed.length > 0 ? closed : open;
      return witnesses[called % Math.max(1, witnesses.length)];
    },
    isDue(now) {
      if (underWay > 0 || closed.length + open.length === 0) return false;
      // A ping that was lost is repeated at once: whether its port still answers is what we want to know.
      return unheard > 0 ? unheard < UNHEARD : now - heardAt >= SILENT_FOR && asksSince >= ASKS_PER_PING;
    },
    asked(isPing) {
      asksSince += 1;
      if (!isPing) return;
      asksSince = 0;
      underWay += 1;
    },
    unasked() {
      underWay -= 1;
    },
    ended(answered, at) {
      underWay -= 1;
      const attempt = unheard + 1;
      unheard = answered ? 0 : attempt;
      if (answered) heardAt = at;
      return attempt;
    },
    areUnheard: () => unheard >= UNHEARD,
  };
}
