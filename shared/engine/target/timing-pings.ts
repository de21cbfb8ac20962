import type { Probe } from '../../domain/probe.ts';
import type { Millis } from '../../domain/units.ts';

/**
 * Is the target still there, and do probes still reach it? Where most ports are silent, only a port that is known to answer
 * can tell (nmap's timing ping). One is asked whenever the target has been silent for a while, though probed all the time.
 */
export interface TimingPings {
  /** Some port of the target answered. */
  heard(at: Millis): void;
  /** Too few such ports are known that answer. */
  wantsMore(isClosed: boolean): boolean;
  /** A port that answered. Closed ones are pinged rather than open ones: it costs their host the least. */
  addControl(probe: Probe, isClosed: boolean): void;
  /** Which port to ping next, each time another one; undefined as long as none answered. */
  next(): Probe | undefined;
  /** The target has been silent for so long, and probed so often, that it is time to ping. */
  isDue(now: Millis): boolean;
  /** A probe of any kind goes out. */
  sent(isPing: boolean): void;
  /** A ping that this machine failed to send. */
  notSent(): void;
  /** A ping has ended; gives how many in a row it makes since the last that was answered. */
  ended(isAnswered: boolean, at: Millis): number;
  /** So many pings in a row were silent that the target, or something before it, must be holding answers back. */
  areUnanswered(): boolean;
}

/** A quarter of a second at T3's rate is 750 probes: silence for so long is no chance where every tenth port answers. */
const SILENT_FOR = 250;
/** A hundredth of the probes is no burden, and no more than that is spent on looking whether the others arrive. */
const PROBES_PER_PING = 100;
/** One ping may be lost, or two. */
const UNANSWERED = 3;
const CONTROLS = 8;

export function makeTimingPings(): TimingPings {
  const closed: Probe[] = [];
  const open: Probe[] = [];
  let chosen = 0;
  let heardAt = 0;
  let probesSince = 0;
  let inFlight = 0;
  let unanswered = 0;
  return {
    heard(at) {
      heardAt = at;
    },
    wantsMore: (isClosed) => (isClosed ? closed : open).length < CONTROLS,
    addControl(probe, isClosed) {
      const controls = isClosed ? closed : open;
      if (controls.length < CONTROLS) controls.push(probe);
    },
    next() {
      chosen += 1;
      const controls = closed.length > 0 ? closed : open;
      return controls[chosen % Math.max(1, controls.length)];
    },
    isDue(now) {
      if (inFlight > 0 || closed.length + open.length === 0) return false;
      // A ping that was lost is repeated at once: whether its port still answers is what we want to know.
      return unanswered > 0 ? unanswered < UNANSWERED : now - heardAt >= SILENT_FOR && probesSince >= PROBES_PER_PING;
    },
    sent(isPing) {
      probesSince += 1;
      if (!isPing) return;
      probesSince = 0;
      inFlight += 1;
    },
    notSent() {
      inFlight -= 1;
    },
    ended(isAnswered, at) {
      inFlight -= 1;
      const attempt = unanswered + 1;
      unanswered = isAnswered ? 0 : attempt;
      if (isAnswered) heardAt = at;
      return attempt;
    },
    areUnanswered: () => unanswered >= UNANSWERED,
  };
}
