import { type Millis, millis } from '../../domain/units.ts';
import { type Loss, makeLossMeasure, makePortMeasure } from './loss-measure.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { isTooMuch, next, PINGS, pingsFor, type RateState, rateOf } from './rate-search.ts';

/**
 * Fewer losses may be chance; and where 5 % of the packets are lost each way, a tenth of the probes are. A worker to which
 * others leave a tenth of a target's resets sees a fifth of its probes lost: it retries while they take all. A suspicion
 * costs some pings and no more.
 */
const SUSPECT_FROM = { lost: 8, share: 1 / 8 };

/** A limiter's bucket takes no burst: what is made up for is no more than a timer comes late. */
const LATE_AT_MOST = 10;
/** The share of ports that answer on a host that filters next to nothing. */
const MOSTLY = 3 / 4;
/**
 * What a line loses at random is lost at any rate: the mean of so many measures, of which none counts for more than that.
 * And no more than what would have spared all of the last probes by such a chance: what other workers took, in their time,
 * is not the line's.
 */
const LINE = { measures: 16, most: 1 / 4, chance: 1 / 100 };
/** No limit in use lets less than this through. */
const LEAST_RATE = 5;

/**
 * Some firewalls let in so many SYNs a second, some systems send so many resets: what is sent faster is lost, and an open
 * port behind it looks filtered. A network that loses packets at random looks the same, but loses the same share at any
 * rate. So where losses are seen, they are measured: every eighth probe goes to a port that is known to answer (nmap's
 * timing ping), and how many of these stay silent says what share of all probes is lost.
 *
 * `rate-search.ts` says what is made of each measure.
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
  #state: RateState = { kind: 'free' };
  #measure = makeLossMeasure(PINGS);
  #ports = makePortMeasure(0, LEAST_RATE);
  #needsPings = true;
  #suspectFrom = SUSPECT_FROM.lost;
  #lostSoFar = 0;
  #limiter = makeRateLimiter(null);
  /** The share that is lost at any rate, as far as it can be told from what is lost at a limited one. */
  #lineLoss = 0;
  /** Probes in a row of which none was lost. */
  #unlost = 0;
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
    else {
      const { rate } = this.#measure.result();
      this.#judge({ share: 1 - this.#ports.answered(), rate, of: this.#ports.told(), isOfPings: false }, at);
    }
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
    this.#unlost = loss.share === 0 ? this.#unlost + loss.of : 0;
    if (this.#unlost > 0) this.#lineLoss = Math.min(this.#lineLoss, 1 - LINE.chance ** (1 / this.#unlost));
    return { ...loss, share };
  }

  #enter(to: RateState, at: number): void {
    if (rateOf(to) !== rateOf(this.#state)) this.#limiter = makeRateLimiter(rateOf(to), LATE_AT_MOST);
    this.#state = to;
    this.#begun = [this.#begun[1], at];
    this.#measure = makeLossMeasure(pingsFor(to));
    this.#ports = makePortMeasure(at, this.#limiter.perSecond);
  }
}
