import { type Millis, millis } from '../../domain/units.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';

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
 *                          limited ⟲ share ≥ ⅙: the rate falls to what came through; no loss: it rises by a fifth
 *
 * What was sent while the rate was too high says nothing of a silent port: with each step down, `countsFrom` moves on, and
 * what was silent before is probed again.
 */
export interface TargetRateControl {
  /** Probes were seen lost, so many in all, which is such a share of those that could be told. */
  lossesSeen(lost: number, share: number): void;
  /** Several pings in a row stayed silent. */
  fellSilent(): void;
  /** The next probe is to be a ping. */
  wantsPing(): boolean;
  /** A probe goes out, a ping or another one. */
  sent(at: Millis, isPing: boolean): void;
  /** A ping that was wanted has ended. */
  pinged(isAnswered: boolean, at: Millis): void;
  /** A ping that this machine failed to send. */
  notSent(): void;
  /** There is nothing left to send: judge by the pings there were. */
  atRest(at: Millis): void;
  /** Holds back the probes of this worker; without a limit it never does. */
  limiter(): RateLimiter;
  /** Attempts made before say nothing of the ports that were silent. */
  countsFrom(): Millis;
  /** Probes a second that the target lets through; null where no limit was found. */
  limit(): number | null;
}

type State =
  | { readonly kind: 'free' }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'trying'; readonly first: number; readonly tries: number; readonly rate: number }
  | { readonly kind: 'limited'; readonly rate: number }
  | { readonly kind: 'unlimited' };

/** Fewer losses may be chance; and where 10 % of the packets are lost each way, 19 % of the probes are. */
const SUSPECT_FROM = { lost: 8, share: 1 / 4 };

/** At a share of a half, twenty-four pings are right within a tenth, two times of three. */
const PINGS = 24;

/** More than any network loses that people work with. */
const TOO_MUCH = 1 / 3;
const TOO_MUCH_IF_LIMITED = 1 / 6;

/** A limiter's bucket lets a burst through, so that the first step down falls short; and no step is more than a tenth. */
const MOST_TRIES = 3;

/** Where no ping at all comes through, the host may be gone, or have banned us: that shows in few steps. */
const MOST_CUT = 0.9;

/** A little under what came through, so that the bucket fills again. */
const MARGIN = 0.9;
/** A step up loses a sixth of the probes at most before it is taken back. */
const RISE = 1.2;
/** A limiter's bucket takes no burst: what is made up for is no more than a timer comes late. */
const LATE_AT_MOST = 10;
/** No limit in use lets less than this through. */
const LEAST_RATE = 5;

/** The rate that lets through what comes through now. */
const underLoss = (rate: number, share: number): number =>
  Math.max(LEAST_RATE, rate * (1 - Math.min(MOST_CUT, share)) * MARGIN);

const rateOf = (state: State): number | null => ('rate' in state ? state.rate : null);

/** At a rate that was cut twice, or is known to be right, a long measure would take its time. */
const pingsFor = (state: State): number =>
  state.kind === 'limited' || (state.kind === 'trying' && state.tries > 1) ? LEAST_PINGS : PINGS;

/** What a measure makes of the state in which it was taken. */
function next(state: State, { share, rate }: Loss): State {
  switch (state.kind) {
    case 'free':
    case 'unlimited':
      return state;
    case 'measuring':
      if (share < TOO_MUCH) return { kind: 'free' };
      return { kind: 'trying', first: share, tries: 1, rate: underLoss(rate, share) };
    case 'trying': {
      const { first, tries } = state;
      const lower = underLoss(Math.min(state.rate, rate), share);
      if (share <= first / 2) return { kind: 'limited', rate: share >= TOO_MUCH_IF_LIMITED ? lower : state.rate };
      return tries < MOST_TRIES ? { kind: 'trying', first, tries: tries + 1, rate: lower } : { kind: 'unlimited' };
    }
    case 'limited':
      if (share >= TOO_MUCH_IF_LIMITED) return { kind: 'limited', rate: underLoss(state.rate, share) };
      // Where there is little left to send, the rate was not reached, and nothing was learnt of it.
      return share === 0 && rate > state.rate / 2 ? { kind: 'limited', rate: state.rate * RISE } : state;
    default:
      return state satisfies never;
  }
}

export function makeTargetRateControl(): TargetRateControl {
  let state: State = { kind: 'free' };
  let measure = makeLossMeasure(PINGS);
  let suspectFrom = SUSPECT_FROM.lost;
  let lostSoFar = 0;
  let limiter = makeRateLimiter(null);
  let countsFrom = millis(0);

  function enter(to: State): void {
    if (rateOf(to) !== rateOf(state)) limiter = makeRateLimiter(rateOf(to), LATE_AT_MOST);
    state = to;
    measure = makeLossMeasure(pingsFor(to));
  }
  function judge(at: Millis): void {
    const to = next(state, measure.result());
    if (to.kind === 'trying' || (to.kind === 'limited' && state.kind === 'trying')) countsFrom = at;
    if (to.kind === 'free') suspectFrom = 2 * Math.max(lostSoFar, SUSPECT_FROM.lost);
    enter(to);
  }
  const isMeasuring = (): boolean => state.kind !== 'free' && state.kind !== 'unlimited';
  return {
    lossesSeen(lost, share) {
      lostSoFar = lost;
      if (state.kind === 'free' && lost >= suspectFrom && share >= SUSPECT_FROM.share) enter({ kind: 'measuring' });
    },
    fellSilent() {
      if (state.kind === 'free') enter({ kind: 'measuring' });
    },
    wantsPing: () => isMeasuring() && measure.wantsPing(),
    sent: (at, isPing) => isMeasuring() && measure.sent(at, isPing),
    pinged(isAnswered, at) {
      measure.ended(isAnswered);
      if (isMeasuring() && measure.isFull()) judge(at);
    },
    notSent: () => measure.notSent(),
    atRest: (at) => isMeasuring() && measure.isAtRest() && judge(at),
    limiter: () => limiter,
    countsFrom: () => countsFrom,
    limit: () => (state.kind === 'limited' ? state.rate : null),
  };
}

/** What share of the probes is lost, and at which rate they were sent. */
interface Loss {
  /** 0 to 1. */
  readonly share: number;
  /** Probes a second while there was something to send. */
  readonly rate: number;
}

/** One measuring of `Loss`: some of the probes are pings of ports that answer, and how many of these stay silent tells. */
interface LossMeasure {
  /** The next probe is to be a ping. */
  wantsPing(): boolean;
  /** A probe goes out, a ping or another one. */
  sent(at: Millis, isPing: boolean): void;
  /** A ping was wanted, and this machine failed to send it. */
  notSent(): void;
  /** A ping has ended. */
  ended(isAnswered: boolean): void;
  /** Every ping it takes has ended. */
  isFull(): boolean;
  /** No more is in flight, and there were enough for a measure. */
  isAtRest(): boolean;
  result(): Loss;
}

/** With one ping in eight a measure is over in 200 probes, and the other seven are the scan's own. */
const PING_EVERY = 8;

/** Probes come in bursts: between two of them, while timeouts pass, nothing is sent too fast. */
const LONGEST_GAP = 30;

/** Fewer than these measure nothing; as many will do to follow a limit that is known. */
const LEAST_PINGS = 8;

function makeLossMeasure(pings: number): LossMeasure {
  let probes = 0;
  let [busy, last] = [0, 0];
  let [sent, ended, answered] = [0, 0, 0];
  return {
    wantsPing: () => sent < pings && probes >= sent * PING_EVERY,
    sent(at, isPing) {
      if (sent === pings) return;
      if (probes > 0) busy += Math.min(at - last, LONGEST_GAP);
      last = at;
      probes += 1;
      if (isPing) sent += 1;
    },
    notSent() {
      if (sent > ended) sent -= 1;
    },
    ended(isAnswered) {
      // A ping of the measure before may end in this one; it tells as much.
      if (ended === sent) return;
      ended += 1;
      if (isAnswered) answered += 1;
    },
    isFull: () => ended === pings,
    isAtRest: () => ended === sent && ended >= LEAST_PINGS,
    result: () => ({ share: ended === 0 ? 0 : 1 - answered / ended, rate: (probes * 1_000) / Math.max(1, busy) }),
  };
}
