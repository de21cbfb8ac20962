import type { Millis } from '../../domain/units.ts';
import { LEAST_PINGS, type Loss, makeLossMeasure, makePortMeasure } from './loss-measure.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';

type State =
  | { readonly kind: 'free' }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'trying'; readonly first: number; readonly tries: number; readonly rate: number }
  | Limited
  | { readonly kind: 'unlimited' };

/** `tooMuch`: a rate that lost, infinite before there was one. `cuts`: how often in a row it fell. */
interface Limited {
  readonly kind: 'limited';
  readonly rate: number;
  readonly tooMuch: number;
  readonly cuts: number;
}

/** Fewer losses may be chance; and where 10 % of the packets are lost each way, 19 % of the probes are. */
const SUSPECT_FROM = { lost: 8, share: 1 / 4 };

/** At a share of a half, twenty-four pings are right within a tenth, two times of three. */
const PINGS = 24;

/** More than any network loses that people work with. */
const TOO_MUCH = 1 / 3;
const TOO_MUCH_IF_LIMITED = 1 / 6;
/** Of 48 probes three: at such a share, three attempts in a row are lost for one port in 4,000. */
const TOO_MUCH_OF_ANSWERED = 1 / 16;

/** A limiter's bucket lets a burst through, so that the first step down falls short; and no step is more than a tenth. */
const MOST_TRIES = 3;

/** Where no ping at all comes through, the host may be gone, or have banned us: that shows in few steps. */
const MOST_CUT = 0.9;

/** A little under what came through, so that the bucket fills again. */
const MARGIN = 0.9;
/** A step up loses a sixth of the probes at most before it is taken back. */
const RISE = 1.2;
/** Near the rate at which there were losses, a step up is as small as the loss that it may bring. */
const RISE_NEAR_LIMIT = 1.05;
/** A limiter's bucket takes no burst: what is made up for is no more than a timer comes late. */
const LATE_AT_MOST = 10;
/** Several workers may share a limit and rise at once, but not so often in a row. */
const CUTS_IN_VAIN = 5;
/** The share of ports that answer on a host that filters next to nothing. */
const MOSTLY = 3 / 4;
/** No limit in use lets less than this through. */
const LEAST_RATE = 5;

/** The rate that lets through what comes through now. */
const underLoss = (rate: number, share: number, least: number): number =>
  Math.max(least, rate * (1 - Math.min(MOST_CUT, share)) * MARGIN);

const rateOf = (state: State): number | null => ('rate' in state ? state.rate : null);

/** At a rate that was cut twice, or is known to be right, a long measure would take its time. */
const pingsFor = (state: State): number =>
  state.kind === 'limited' || (state.kind === 'trying' && state.tries > 1) ? LEAST_PINGS : PINGS;

/** What a measure makes of the state in which it was taken. */
function next(state: State, { share, rate, isOfPings }: Loss, least: number): State {
  switch (state.kind) {
    case 'free':
    case 'unlimited':
      return state;
    case 'measuring':
      if (share < TOO_MUCH) return { kind: 'free' };
      return { kind: 'trying', first: share, tries: 1, rate: underLoss(rate, share, least) };
    case 'trying': {
      const { first, tries } = state;
      const lower = underLoss(Math.min(state.rate, rate), share, least);
      if (share <= first / 2) return limitedTo(share >= TOO_MUCH_IF_LIMITED ? lower : state.rate);
      return tries < MOST_TRIES ? { kind: 'trying', first, tries: tries + 1, rate: lower } : { kind: 'unlimited' };
    }
    case 'limited':
      if (share >= (isOfPings ? TOO_MUCH_IF_LIMITED : TOO_MUCH_OF_ANSWERED)) return cut(state, share, least);
      // Where there is little left to send, the rate was not reached, and nothing was learnt of it.
      return share === 0 && rate > state.rate / 2 ? rise(state) : state;
    default:
      return state satisfies never;
  }
}

const limitedTo = (rate: number): Limited => ({ kind: 'limited', rate, tooMuch: Number.POSITIVE_INFINITY, cuts: 0 });

function rise({ rate, tooMuch }: Limited): Limited {
  const step = rate * RISE < tooMuch ? RISE : RISE_NEAR_LIMIT;
  return { kind: 'limited', rate: rate * step, tooMuch, cuts: 0 };
}

/** A limit lets everything through once the rate is under it; losses that stay as they are have another cause. */
function cut({ rate, cuts }: Limited, share: number, least: number): State {
  if (cuts + 1 === CUTS_IN_VAIN) return { kind: 'unlimited' };
  return { kind: 'limited', rate: underLoss(rate, share, least), tooMuch: rate, cuts: cuts + 1 };
}

/**
 * Some firewalls let in so many SYNs a second, some systems send so many resets: what is sent faster is lost, and an open
 * port behind it looks filtered. A network that loses packets at random looks the same, but loses the same share at any
 * rate. So where losses are seen, they are measured: every eighth probe goes to a port that is known to answer (nmap's
 * timing ping), and how many of these stay silent says what share of all probes is lost.
 *
 *   free ──losses seen──▶ measuring ──share < ⅓──▶ free, until the losses have doubled
 *                             │ share ≥ ⅓: the rate falls to what came through
 *                             ▼        ┌──┐ still over half the first share: it falls again
 *                           trying ◀───┘  │ thrice
 *                  share ≤    │           └──▶ unlimited: losses that no rate explains; the limit is lifted
 *             half the first  ▼
 *                          limited ⟲ losses: the rate falls to what came through; none: it rises again
 *                             └──▶ unlimited: it fell five times in a row, and as much was lost as before
 *
 * A host that answers on nearly every port needs no pings once it is limited: they would only take answers from the others.
 * Then each 48 probes are a measure.
 *
 * What was sent while the rate was too high says nothing of a silent port: with each step down before the limit is found,
 * `onTooFast` is told, and what was silent before is probed again.
 */
export class TargetRateControl {
  readonly #onTooFast: (at: Millis) => void;
  readonly #leastRate: number;
  #state: State = { kind: 'free' };
  #measure = makeLossMeasure(PINGS);
  #ports = makePortMeasure(0);
  #needsPings = true;
  #suspectFrom = SUSPECT_FROM.lost;
  #lostSoFar = 0;
  #limiter = makeRateLimiter(null);

  /**
   * `onTooFast`: what was sent until then was sent too fast, and its silences say nothing. `leastRate`: it never falls
   * below, because the user said so.
   */
  constructor(onTooFast: (at: Millis) => void, leastRate: number = LEAST_RATE) {
    this.#onTooFast = onTooFast;
    this.#leastRate = leastRate;
  }

  /** Probes were seen lost, so many in all, which is such a share of those that could be told. */
  lossesSeen(lost: number, share: number): void {
    this.#lostSoFar = lost;
    if (lost >= this.#suspectFrom && share >= SUSPECT_FROM.share) this.fellSilent();
  }

  /** Several pings in a row stayed silent, and the next was answered as soon as nothing else was sent. */
  fellSilent(): void {
    if (this.#state.kind === 'free') this.#enter({ kind: 'measuring' }, 0);
  }

  /** The next probe is to be a ping. */
  wantsPing(): boolean {
    return this.#isMeasuring() && this.#needsPings && this.#measure.wantsPing();
  }

  /** A probe goes out, a ping or another one. */
  sent(at: Millis, isPing: boolean): void {
    if (!this.#isMeasuring()) return;
    this.#measure.sent(at, isPing);
    if (!isPing) this.#ports.sent(at);
  }

  /** A ping that this machine failed to send. */
  notSent(): void {
    this.#measure.notSent();
  }

  /** A ping has ended. */
  pinged(isAnswered: boolean, at: Millis): void {
    this.#measure.ended(isAnswered);
    if (this.#isMeasuring() && this.#measure.isFull()) this.#judge(this.#measure.result(), at);
  }

  /** The probe of a port, sent at `sentAt`, has ended. */
  ended(isAnswered: boolean, sentAt: Millis, at: Millis): void {
    if (this.#state.kind !== 'limited') return;
    this.#ports.ended(isAnswered, sentAt);
    if (!this.#ports.isFull()) return;
    this.#needsPings = this.#ports.answered() < MOSTLY;
    if (this.#needsPings) this.#ports = makePortMeasure(at);
    else this.#judge({ share: 1 - this.#ports.answered(), rate: this.#measure.result().rate, isOfPings: false }, at);
  }

  /** There is nothing left to send: judge by the pings there were. */
  atRest(at: Millis): void {
    if (this.#isMeasuring() && this.#measure.isAtRest()) this.#judge(this.#measure.result(), at);
  }

  /** Holds back the probes of this worker; without a limit it never does. */
  limiter(): RateLimiter {
    return this.#limiter;
  }

  /** Probes a second that the target lets through; null where no limit was found. */
  limit(): number | null {
    return this.#state.kind === 'limited' ? this.#state.rate : null;
  }

  #isMeasuring(): boolean {
    return this.#state.kind !== 'free' && this.#state.kind !== 'unlimited';
  }

  #judge(loss: Loss, at: Millis): void {
    const to = next(this.#state, loss, this.#leastRate);
    if (to.kind === 'trying' || (to.kind === 'limited' && this.#state.kind === 'trying')) this.#onTooFast(at);
    if (to.kind === 'free') this.#suspectFrom = 2 * Math.max(this.#lostSoFar, SUSPECT_FROM.lost);
    if (to.kind !== 'limited') this.#needsPings = true;
    this.#enter(to, at);
  }

  #enter(to: State, at: number): void {
    if (rateOf(to) !== rateOf(this.#state)) this.#limiter = makeRateLimiter(rateOf(to), LATE_AT_MOST);
    this.#state = to;
    this.#measure = makeLossMeasure(pingsFor(to));
    this.#ports = makePortMeasure(at);
  }
}
