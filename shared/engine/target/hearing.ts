import type { Probe } from '../../domain/probe.ts';
import type { TimingName } from '../../domain/timing-template.ts';
import { type Millis, millis } from '../../domain/units.ts';

/** Neither end belongs to it; on the monotonic clock. */
export interface TimeSpan {
  readonly from: Millis;
  readonly to: Millis;
  /** The target was away: what a router said of it meanwhile counts no more than a silence. */
  readonly isAway: boolean;
}

/** How long a target that fell silent is waited for. */
export const SILENCE_PATIENCE = {
  T0: millis(600_000),
  T1: millis(120_000),
  T2: millis(60_000),
  T3: millis(30_000),
  T4: millis(15_000),
  T5: millis(5_000),
} as const satisfies Record<TimingName, Millis>;

/** A quarter of a second at T3's rate is 750 probes: silence for so long is no chance where every tenth port answers. */
const SILENT_FOR = 250;
/** A hundredth of the probes is no burden, and no more than that is spent on looking whether the others arrive. */
const PROBES_PER_PING = 100;
/** One ping may be lost, or two; more where losses are seen. */
const LEAST_UNANSWERED = 3;
const CONTROLS = 8;
/** Between two pings of a target that may have fallen silent: more than a round trip, so that the first can be answered. */
const LEAST_GAP = 50;
const ROUND_TRIPS_PER_GAP = 1.5;
/** A silent target is pinged each time it has been silent for a quarter longer: it is heard at most so much too late. */
const GAP_SHARE = 1 / 4;
const MOST_GAP = 2_000;
/** A target that answers the first or the second ping after we paused was not away: it had no room for more. */
const SOON = 2;
/** Nor was one that comes and goes: a system that counts its resets by the second is silent for the rest of each. */
const RETURNS = 3;

export interface HearingOptions {
  /** How long a silent target is waited for. */
  readonly patience: Millis;
  /** The attempts after which a silence is no chance, for the losses seen so far. */
  readonly attempts: () => number;
  /** The target fell silent, and answered as soon as it was probed less: it may hold back what comes too fast. */
  readonly onCrowded: () => void;
}

/**
 * Is the target still there, and do probes still reach it? A port that is silent is filtered only if the target could be
 * heard meanwhile. Where most ports are silent, only a control probe can tell: one to a port that is known to answer
 * (nmap's timing ping). One is sent whenever the target has been silent for a while, though probed all the time.
 *
 *            an answer           3 pings in a row or more unanswered, and nothing else heard
 *   unheard ───────────▶ heard ─────────────────────────────────────────────────────────▶ silent
 *                          ▲ │                                                              │
 *                          ├─┼────────────────────── any answer ────────────────────────────┤
 *                          │ │                                                              ▼ the patience is over
 *                          └─┴────────────────────── any answer ◀───────────────────────── gone
 *
 * unheard  nothing of the target was ever seen: it is silent, or far. Its first answer voids the silences before it
 * heard    the silence of a probe counts if it was sent before the latest probe that was answered
 * silent   a ban, a crash, a cable pulled out, a busy host: only pings are sent, ever more seldom. What was sent since the
 *          target was last heard says nothing of its ports (`voids`), and is sent again when it is back
 * gone     what is left is unprobed. A chunk that begins later tries some pings of its own
 */
export class Hearing {
  readonly #patience: Millis;
  readonly #attempts: () => number;
  readonly #onCrowded: () => void;
  readonly #controls = makeControls();
  readonly #voids: TimeSpan[] = [];
  #state: 'unheard' | 'heard' | 'silent' | 'gone' = 'unheard';
  #heardAt = 0;
  #confirmedUntil = Number.NEGATIVE_INFINITY;
  /** Since when the patience runs. */
  #silentSince = 0;
  #pingsWhileSilent = 0;
  #returns = 0;
  #wasGone = false;
  #probesSince = 0;
  #lastPingAt = Number.NEGATIVE_INFINITY;
  /** Pings since an answer, and those of them that ended without one. */
  #pings = 0;
  #unanswered = 0;
  #isConfirming = false;

  constructor({ patience, attempts, onCrowded }: HearingOptions) {
    this.#patience = patience;
    this.#attempts = attempts;
    this.#onCrowded = onCrowded;
  }

  get state(): 'unheard' | 'heard' | 'silent' | 'gone' {
    return this.#state;
  }

  /** It was heard, and is not any more. */
  get isAway(): boolean {
    return this.#state === 'silent' || this.#state === 'gone';
  }

  /** A port of the target, open or closed, answered a probe that was sent at `sentAt`. */
  heard(sentAt: Millis, at: Millis): void {
    if (this.#state !== 'heard') {
      this.#voids.push({ from: millis(this.#confirmedUntil), to: sentAt, isAway: this.isAway });
    }
    if (this.#state === 'silent') {
      this.#returns += 1;
      if (this.#pingsWhileSilent <= SOON || this.#returns >= RETURNS) this.#onCrowded();
    }
    this.#state = 'heard';
    this.#wasGone = false;
    this.#heardAt = at;
    this.#confirmedUntil = Math.max(this.#confirmedUntil, sentAt);
    this.#unanswered = 0;
    this.#pings = 0;
    this.#isConfirming = false;
  }

  /** When the last answer came: what the report says the target was heard until. */
  get lastHeardAt(): Millis {
    return millis(this.#heardAt);
  }

  /** Silences of probes sent up to then are the ports' own, but for those in `voids`. */
  get confirmedUntil(): Millis {
    return millis(this.#confirmedUntil);
  }

  /** What was sent in one of these spans and was silent says nothing of its port. The list only grows. */
  get voids(): readonly TimeSpan[] {
    return this.#voids;
  }

  /** Does the silence of a probe that was sent then say nothing of its port? */
  isVoid(sentAt: Millis): boolean {
    if (this.isAway && sentAt > this.#confirmedUntil) return true;
    return this.#voids.some(({ from, to }) => sentAt > from && sentAt < to);
  }

  /** Takes back the silences of what was sent in a span, and where it was away what a router said of it. */
  takeBack(from: Millis, to: Millis, isAway = false): void {
    this.#voids.push({ from, to, isAway });
  }

  /** A port that answered. Closed ones are pinged rather than open ones: it costs their host the least. */
  addControl(probe: Probe, isClosed: boolean): void {
    this.#controls.add(probe, isClosed);
  }

  /** Too few ports are known that answer. */
  wantsMore(isClosed: boolean): boolean {
    return this.#controls.wantsMore(isClosed);
  }

  get canPing(): boolean {
    return this.#controls.any();
  }

  /** Which port to ping next, each time another one; undefined as long as none answered. */
  control(): Probe | undefined {
    return this.#controls.next();
  }

  /** A port that is known to answer, for other workers. */
  known(isClosed: boolean): Probe | undefined {
    return this.#controls.first(isClosed);
  }

  /** Earlier deliveries of a chunk, or other workers, have heard the target, on these ports. */
  recall(controls: readonly (readonly [probe: Probe, isClosed: boolean])[], at: Millis): void {
    if (this.#state !== 'unheard' || controls.length === 0) return;
    for (const [probe, isClosed] of controls) this.#controls.add(probe, isClosed);
    this.#state = 'heard';
    this.#heardAt = at;
  }

  /** It is time to ping: the target has been silent for so long, and was probed so often; or it is `silent`. */
  isPingDue(now: Millis, roundTrip: Millis | null): boolean {
    const isSuspect = now - this.#heardAt >= SILENT_FOR && this.#probesSince >= PROBES_PER_PING;
    if (this.#state === 'heard' && this.#pings === 0 && this.canPing && isSuspect) return true;
    return this.untilPing(now, roundTrip) <= 0;
  }

  /** How long until a ping is due though nothing else is sent; infinite where none is. */
  untilPing(now: Millis, roundTrip: Millis | null): number {
    if (!this.canPing || this.#state === 'unheard' || this.#state === 'gone') return Number.POSITIVE_INFINITY;
    if (this.#state === 'silent') return Math.max(0, this.#lastPingAt + this.#gapWhileSilent(now) - now);
    if (this.#pings === 0) return this.#isConfirming ? 0 : Number.POSITIVE_INFINITY;
    // A ping that may be lost is repeated soon: whether its port still answers is what we want to know.
    if (this.#pings >= this.#enough()) return Number.POSITIVE_INFINITY;
    const gap = Math.max(LEAST_GAP, (roundTrip ?? 0) * ROUND_TRIPS_PER_GAP);
    return Math.max(0, this.#lastPingAt + gap - now);
  }

  #enough(): number {
    return Math.max(LEAST_UNANSWERED, this.#attempts());
  }

  #gapWhileSilent(now: Millis): number {
    return Math.min(MOST_GAP, Math.max(LEAST_GAP, (now - this.#silentSince) * GAP_SHARE));
  }

  /** The chunk is at its end, and silences are not confirmed: ping all the same. */
  confirm(): void {
    this.#isConfirming = true;
  }

  /** A probe of any kind goes out. */
  sent(isPing: boolean, at: Millis): void {
    this.#probesSince += 1;
    if (!isPing) return;
    this.#probesSince = 0;
    this.#pings += 1;
    this.#lastPingAt = at;
    if (this.#state === 'silent') this.#pingsWhileSilent += 1;
  }

  /** A ping that this machine failed to send. */
  notSent(): void {
    this.#pings = Math.max(0, this.#pings - 1);
  }

  /** A ping has ended; gives how many in a row it makes since the last that was answered. */
  pingEnded(isAnswered: boolean, sentAt: Millis, at: Millis): number {
    const attempt = this.#unanswered + 1;
    if (isAnswered) this.heard(sentAt, at);
    // If something else was heard since it was sent, the ping was lost, and the target is there.
    else if (sentAt > this.#confirmedUntil) this.#missed(attempt, at);
    return attempt;
  }

  #missed(unanswered: number, at: Millis): void {
    this.#unanswered = unanswered;
    if (this.#state === 'heard' && unanswered >= this.#enough()) {
      this.#state = 'silent';
      this.#silentSince = at;
      this.#pingsWhileSilent = 0;
    }
    const isOver = this.#wasGone || at - this.#silentSince >= this.#patience;
    if (this.#state === 'silent' && isOver) this.#state = 'gone';
  }

  /** Whoever has less time than the template's patience waits for a silent target only so long. */
  giveUpAfter(patience: number, now: Millis): void {
    if (this.#state === 'silent' && now - this.#silentSince >= patience) this.#state = 'gone';
  }

  /** Another chunk of the target begins. */
  beginChunk(): void {
    if (this.#state !== 'gone') return;
    this.#state = 'heard';
    this.#wasGone = true;
    this.#isConfirming = true;
    this.#unanswered = 0;
    this.#pings = 0;
  }
}

/** The ports that are known to answer, taken in turn. */
function makeControls() {
  const closed: Probe[] = [];
  const open: Probe[] = [];
  let chosen = 0;
  return {
    any: (): boolean => closed.length + open.length > 0,
    wantsMore: (isClosed: boolean): boolean => (isClosed ? closed : open).length < CONTROLS,
    add(probe: Probe, isClosed: boolean): void {
      const controls = isClosed ? closed : open;
      if (controls.length < CONTROLS) controls.push(probe);
    },
    first: (isClosed: boolean): Probe | undefined => (isClosed ? closed : open)[0],
    next(): Probe | undefined {
      const controls = closed.length > 0 ? closed : open;
      chosen += 1;
      return controls[chosen % Math.max(1, controls.length)];
    },
  };
}
