import { type Millis, millis } from '../../domain/units.ts';
import { LEAST_PINGS, type Loss, makeLossMeasure, makePortMeasure, pingsIn } from './loss-measure.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';

type State =
  | { readonly kind: 'free' }
  | { readonly kind: 'measuring' }
  | Trying
  | Limited
  | { readonly kind: 'unlimited' };

/** `first`: the share that was lost at the rate `tooMuch`, before the first step down. */
interface Trying {
  readonly kind: 'trying';
  readonly first: number;
  readonly tries: number;
  readonly rate: number;
  readonly tooMuch: number;
}

/**
 * `first`: the share that was lost before there was a limit. `tooMuch`: a rate that lost. `cuts`: how often in a row it
 * fell, and `inVain` of these with as much lost as before. `steppedAt`: when the rate last rose or fell.
 */
interface Limited {
  readonly kind: 'limited';
  readonly first: number;
  readonly rate: number;
  readonly tooMuch: number;
  readonly cuts: number;
  readonly inVain: number;
  readonly steppedAt: number;
}

/** Fewer losses may be chance; and where 10 % of the packets are lost each way, 19 % of the probes are. */
const SUSPECT_FROM = { lost: 8, share: 1 / 4 };

/**
 * One in eight, so that they go out with 512 probes: twice what a system that counts by the second (BSD 200, macOS 250) lets
 * through at its beginning.
 */
const PINGS = 64;

/** More than any network loses that people work with. */
const TOO_MUCH = 1 / 3;
const TOO_MUCH_IF_LIMITED = 1 / 6;
/** Where 30 % of the packets are lost each way, half of the probes are, and of 64 pings seldom so many. */
const NOT_AT_RANDOM = 0.6;
/** Of 48 probes four, of 16 two: at such a share, three attempts in a row are lost for one port in 4,000. */
const TOO_MUCH_OF_ANSWERED = 1 / 15;

/** A limiter's bucket lets a burst through, so that the first step down falls short; and no step is to less than a tenth. */
const MOST_TRIES = 4;

/** Where no ping at all comes through, the host may be gone, or have banned us: that shows in few steps. */
const MOST_CUT = 0.91;
/**
 * Once a limit is known, a short measure may have met a bad moment: systems that count by the second (BSD's icmplim) let
 * everything through at its beginning and nothing at its end, and another worker may have had its turn.
 */
const MOST_CUT_IF_LIMITED = 0.3;

/** A little under what came through, so that the bucket fills again. */
const MARGIN = 0.9;
/** A step up loses a sixth of the probes at most before it is taken back. */
const RISE = 1.2;
/** Far below the rate at which there were losses a step of this size is under it even so; far above it, it holds no more. */
const RISE_FAR = 2;
/** Near the rate at which there were losses, a step up is as small as the loss that it may bring. */
const RISE_NEAR_LIMIT = 1.05;
/** A limiter's bucket takes no burst: what is made up for is no more than a timer comes late. */
const LATE_AT_MOST = 10;
/** Several workers may share a limit and rise at once, but not so often in a row: 0.7⁸ is a seventeenth. */
const MOST_CUTS = 8;
/** The share of ports that answer on a host that filters next to nothing. */
const MOSTLY = 3 / 4;
/** What systems count by. */
export const A_SECOND = 1_000;
/** What a line loses at random is lost at any rate: the mean of so many measures, of which none counts for more than that. */
const LINE = { measures: 16, most: 1 / 4 };
/** No limit in use lets less than this through. */
const LEAST_RATE = 5;

/** The rate that lets through what comes through now; no more than `mostCut` of it is taken at once. */
const underLoss = (rate: number, share: number, least: number, mostCut = MOST_CUT): number =>
  Math.max(least, rate * Math.max(1 - mostCut, (1 - share) * MARGIN));

const rateOf = (state: State): number | null => ('rate' in state ? state.rate : null);

/** At a rate that is tried, as many as go out in a second; at one that is known to be right, few will do to follow it. */
function pingsFor(state: State): number {
  if (state.kind === 'limited') return LEAST_PINGS;
  return state.kind === 'trying' ? Math.max(LEAST_PINGS, Math.min(PINGS, pingsIn(state.rate))) : PINGS;
}

/** What a measure makes of the state in which it was taken. */
function next(state: State, { share, rate, isOfPings }: Loss, least: number, at: number): State {
  switch (state.kind) {
    case 'free':
    case 'unlimited':
      return state;
    case 'measuring':
      if (share < TOO_MUCH) return { kind: 'free' };
      return { kind: 'trying', first: share, tries: 1, rate: underLoss(rate, share, least), tooMuch: rate };
    case 'trying': {
      const { first, tries, tooMuch } = state;
      const sent = Math.min(state.rate, rate);
      const lower = underLoss(sent, share, least);
      if (share <= first / 2) {
        const found = share < TOO_MUCH_IF_LIMITED ? { rate: state.rate, tooMuch } : { rate: lower, tooMuch: sent };
        return limitedTo(found, first, at);
      }
      if (tries < MOST_TRIES) return { kind: 'trying', first, tries: tries + 1, rate: lower, tooMuch: sent };
      if (first < NOT_AT_RANDOM) return { kind: 'unlimited' };
      return limitedTo({ rate: lower, tooMuch: sent }, first, at);
    }
    case 'limited':
      if (isTooMuch(share, isOfPings)) return cut(state, share, least, at);
      // Where there is little left to send, the rate was not reached, and nothing was learnt of it.
      return share === 0 && rate > state.rate / 2 ? rise(state, at) : state;
    default:
      return state satisfies never;
  }
}

const limitedTo = (found: Pick<Limited, 'rate' | 'tooMuch'>, first: number, at: number): Limited => ({
  ...{ kind: 'limited', first, cuts: 0, inVain: 0, steppedAt: at },
  ...found,
});

const isTooMuch = (share: number, isOfPings: boolean): boolean =>
  share >= (isOfPings ? TOO_MUCH_IF_LIMITED : TOO_MUCH_OF_ANSWERED);

/**
 * The step up, by how far the rate is from the one that lost, on either side: small around it, where the limit is likely,
 * and larger away from it. Well above it the limit has gone, or another worker that took its share. One step a second: at
 * its beginning, a system that counts by the second lets any rate through.
 */
function rise(state: Limited, at: number): Limited {
  const { rate, tooMuch, steppedAt } = state;
  if (at - steppedAt < A_SECOND) return state;
  const away = Math.max(rate / tooMuch, tooMuch / rate / RISE);
  const step = away > RISE ? RISE_FAR : away > 1 ? RISE : RISE_NEAR_LIMIT;
  return { ...state, rate: rate * step, cuts: 0, inVain: 0, steppedAt: at };
}

/**
 * A limit lets everything through once the rate is under it; losses that stay as they are have another cause. Where they are
 * less than they were, but do not end, the line loses them or another worker has its turn: the rate is tried anew. What is
 * lost in one second is one loss, as what is lost in one window is to RFC 5681.
 */
function cut(state: Limited, share: number, least: number, at: number): State {
  const { rate, first, steppedAt } = state;
  if (state.cuts > 0 && at - steppedAt < A_SECOND) return state;
  const [cuts, inVain] = [state.cuts + 1, share > first / 2 ? state.inVain + 1 : 0];
  if (inVain === MOST_CUTS) return { kind: 'unlimited' };
  if (cuts === MOST_CUTS) return { kind: 'trying', first, tries: 1, rate, tooMuch: rate };
  const lower = underLoss(rate, share, least, MOST_CUT_IF_LIMITED);
  return { ...state, rate: lower, tooMuch: rate, cuts, inVain, steppedAt: at };
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
 *                           trying ◀───┘  │ four times
 *                  share ≤    │           ├──▶ unlimited: losses that no rate explains; the limit is lifted
 *             half the first  ▼           └──▶ limited, where it was more than any line loses: other workers take all
 *                          limited ⟲ losses: the rate falls to what came through; none: it rises again
 *                             └──▶ unlimited: it fell eight times in a row, and as much was lost as before;
 *                                  trying, where less was
 *
 * A host that answers on nearly every port needs no pings once it is limited: they would only take answers from the others.
 * Then each 48 probes are a measure, or at a low rate 16.
 *
 * What was sent while the rate was too high says nothing of a silent port: with each step down, and each measure that
 * lost, `onTooFast` is told since when it was, and what was silent meanwhile is probed again. Before the limit is found,
 * that is everything.
 */
export class TargetRateControl {
  readonly #onTooFast: (from: Millis, to: Millis) => void;
  readonly #leastRate: number;
  #state: State = { kind: 'free' };
  #measure = makeLossMeasure(PINGS);
  #ports = makePortMeasure(0, LEAST_RATE);
  #needsPings = true;
  #suspectFrom = SUSPECT_FROM.lost;
  #lostSoFar = 0;
  #limiter = makeRateLimiter(null);
  /** The share that is lost at any rate, as far as it can be told from what is lost at a limited one. */
  #lineLoss = 0;
  /** When the last two measures began. What was sent between the end of the one and the beginning of the other is in neither. */
  #begun: readonly [before: number, last: number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

  /**
   * `onTooFast`: what was sent between the two times was sent too fast, and its silences say nothing. `leastRate`: it never
   * falls below, because the user said so.
   */
  constructor(onTooFast: (from: Millis, to: Millis) => void, leastRate: number = LEAST_RATE) {
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
    return this.mayBeLimited() && this.#needsPings && this.#measure.wantsPing();
  }

  /** A probe goes out, a ping or another one. */
  sent(at: Millis, isPing: boolean): void {
    if (!this.mayBeLimited()) return;
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
    if (this.mayBeLimited() && this.#measure.isFull()) this.#judge(this.#measure.result(), at);
  }

  /** The probe of a port, sent at `sentAt`, has ended. */
  ended(isAnswered: boolean, sentAt: Millis, at: Millis): void {
    if (this.#state.kind !== 'limited') return;
    this.#ports.ended(isAnswered, sentAt);
    if (!this.#ports.isFull()) return;
    this.#needsPings = this.#ports.answered() < MOSTLY;
    if (this.#needsPings) this.#ports = makePortMeasure(at, this.#limiter.perSecond);
    else this.#judge({ share: 1 - this.#ports.answered(), rate: this.#measure.result().rate, isOfPings: false }, at);
  }

  /** There is nothing left to send: judge by the pings there were. */
  atRest(at: Millis): void {
    if (this.mayBeLimited() && this.#measure.isAtRest()) this.#judge(this.#measure.result(), at);
  }

  /** Holds back the probes of this worker; without a limit it never does. */
  limiter(): RateLimiter {
    return this.#limiter;
  }

  /** A limit was found, or is being looked for. */
  mayBeLimited(): boolean {
    return this.#state.kind !== 'free' && this.#state.kind !== 'unlimited';
  }

  /** Probes a second that the target lets through; null where no limit was found. */
  limit(): number | null {
    return this.#state.kind === 'limited' ? this.#state.rate : null;
  }

  #judge(loss: Loss, at: Millis): void {
    const from = this.#state;
    const told = from.kind === 'limited' ? this.#aboveLine(loss) : loss;
    const to = next(from, told, this.#leastRate, at);
    if (to.kind === 'trying' || (to.kind === 'limited' && from.kind === 'trying')) {
      this.#onTooFast(millis(Number.NEGATIVE_INFINITY), at);
    } else if (from.kind === 'limited' && isTooMuch(told.share, told.isOfPings)) {
      this.#onTooFast(millis(this.#begun[0]), at);
    }
    if (to.kind === 'free') this.#suspectFrom = 2 * Math.max(this.#lostSoFar, SUSPECT_FROM.lost);
    if (to.kind !== 'limited') this.#needsPings = true;
    this.#enter(to, at);
  }

  #aboveLine(loss: Loss): Loss {
    const share = Math.max(0, loss.share - this.#lineLoss);
    this.#lineLoss += (Math.min(LINE.most, loss.share) - this.#lineLoss) / LINE.measures;
    return { ...loss, share };
  }

  #enter(to: State, at: number): void {
    if (rateOf(to) !== rateOf(this.#state)) this.#limiter = makeRateLimiter(rateOf(to), LATE_AT_MOST);
    this.#state = to;
    this.#begun = [this.#begun[1], at];
    this.#measure = makeLossMeasure(pingsFor(to));
    this.#ports = makePortMeasure(at, this.#limiter.perSecond);
  }
}
