import { type Millis, millis } from '../../domain/units.ts';
import { LEAST_PINGS, type Loss, makeLossMeasure } from './loss-measure.ts';
import { makeRateLimiter, type RateLimiter } from './rate-limiter.ts';

/**
 * Some firewalls let in so many SYNs a second, some systems send so many resets: what is asked faster is lost, and an open
 * port behind it looks filtered. A line that loses packets at random looks the same, but loses the same share at any pace.
 * So where losses are seen, they are measured: every eighth ask goes to a port that is known to answer (nmap's timing
 * ping), and how many of these stay silent says what share of all asks is lost.
 *
 *   free ──losses seen──▶ measuring ──share < ⅓──▶ free, until the losses have doubled
 *                             │ share ≥ ⅓: the pace falls to what came through
 *                             ▼        ┌──┐ still over half the first share: it falls again
 *                           trying ◀───┘  │ thrice
 *                  share ≤    │           └──▶ indifferent: losses that no pace hints at; the pace is given back
 *             half the first  ▼
 *                          obeying ⟲ share ≥ ⅙: the pace falls to what came through; no loss: it rises by a fifth
 *
 * What was asked while the pace was too high says nothing of a silent port: with each step down before obedience, and with
 * the first of obedience, `countsFrom` moves on, and what was silent before is asked anew.
 */
export interface TargetRateControl {
  /** Asks were seen lost, so many in all, which is such a share of the asks that could be told. */
  lossesSeen(lost: number, share: number): void;
  /** Several pings in a row stayed silent. */
  fellSilent(): void;
  /** The next ask is to be a ping. */
  wantsPing(): boolean;
  /** An ask goes out, a ping or another one. */
  asked(at: Millis, isPing: boolean): void;
  /** A ping that was wanted has ended. */
  pinged(answered: boolean, at: Millis): void;
  /** A ping that this machine failed to send. */
  unasked(): void;
  /** There is nothing left to ask: judge by the pings there were. */
  atRest(at: Millis): void;
  /** Holds back the asks of this worker; without a limit it never does. */
  limiter(): RateLimiter;
  /** Asks made before say nothing of the ports that were silent. */
  countsFrom(): Millis;
  /** Asks a second while the target is obeyed; null otherwise. */
  limit(): number | null;
}

type State =
  | { readonly kind: 'free' }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'trying'; readonly first: number; readonly tries: number; readonly pace: number }
  | { readonly kind: 'obeying'; readonly pace: number }
  | { readonly kind: 'indifferent' };

/** Fewer lost asks may be chance; and from 10 % of the packets lost each way on, 19 % of the asks are. */
const SUSPECT_FROM = { lost: 8, share: 1 / 4 };

/** At a share of a half, twenty-four pings are right within a tenth, two times of three. */
const PINGS = 24;

/** More than any line loses that people work with. */
const TOO_MUCH = 1 / 3;
const TOO_MUCH_OBEYING = 1 / 6;

/** A limiter's bucket lets a burst through, so that the first step down falls short; and no step is more than a tenth. */
const MOST_TRIES = 3;

/** Where no ping at all comes through, the host may be gone, or have banned us: that is found out in few steps. */
const MOST_CUT = 0.9;

/** A little under what came through, so that the bucket fills again. */
const MARGIN = 0.9;
/** A step up loses a sixth of the asks at most before it is taken back. */
const RISE = 1.2;
/** A limiter's bucket takes no burst: what is made up for is no more than a timer comes late. */
const LATE_AT_MOST = 10;
/** No limit in use lets less than this through. */
const LEAST_PACE = 5;

/** The pace that lets through what comes through now. */
const underLoss = (rate: number, share: number): number =>
  Math.max(LEAST_PACE, rate * (1 - Math.min(MOST_CUT, share)) * MARGIN);

const paceOf = (state: State): number | null => ('pace' in state ? state.pace : null);

/** At a pace that was cut twice, or is known to be right, a long measure would take its time. */
const pingsFor = (state: State): number =>
  state.kind === 'obeying' || (state.kind === 'trying' && state.tries > 1) ? LEAST_PINGS : PINGS;

/** What a measure makes of the state in which it was taken. */
function next(state: State, { share, rate }: Loss): State {
  switch (state.kind) {
    case 'free':
    case 'indifferent':
      return state;
    case 'measuring':
      if (share < TOO_MUCH) return { kind: 'free' };
      return { kind: 'trying', first: share, tries: 1, pace: underLoss(rate, share) };
    case 'trying': {
      const { first, tries } = state;
      const lower = underLoss(Math.min(state.pace, rate), share);
      if (share <= first / 2) return { kind: 'obeying', pace: share >= TOO_MUCH_OBEYING ? lower : state.pace };
      return tries < MOST_TRIES ? { kind: 'trying', first, tries: tries + 1, pace: lower } : { kind: 'indifferent' };
    }
    case 'obeying':
      if (share >= TOO_MUCH_OBEYING) return { kind: 'obeying', pace: underLoss(state.pace, share) };
      // Where there is little left to ask, the pace was not tried, and nothing was learnt of it.
      return share === 0 && rate > state.pace / 2 ? { kind: 'obeying', pace: state.pace * RISE } : state;
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
    if (paceOf(to) !== paceOf(state)) limiter = makeRateLimiter(paceOf(to), LATE_AT_MOST);
    state = to;
    measure = makeLossMeasure(pingsFor(to));
  }
  function judge(at: Millis): void {
    const to = next(state, measure.result());
    if (to.kind === 'trying' || (to.kind === 'obeying' && state.kind === 'trying')) countsFrom = at;
    if (to.kind === 'free') suspectFrom = 2 * Math.max(lostSoFar, SUSPECT_FROM.lost);
    enter(to);
  }
  const isMeasuring = (): boolean => state.kind !== 'free' && state.kind !== 'indifferent';
  return {
    lossesSeen(lost, share) {
      lostSoFar = lost;
      if (state.kind === 'free' && lost >= suspectFrom && share >= SUSPECT_FROM.share) enter({ kind: 'measuring' });
    },
    fellSilent() {
      if (state.kind === 'free') enter({ kind: 'measuring' });
    },
    wantsPing: () => isMeasuring() && measure.wantsPing(),
    asked: (at, isPing) => isMeasuring() && measure.asked(at, isPing),
    pinged(answered, at) {
      measure.ended(answered);
      if (isMeasuring() && measure.isFull()) judge(at);
    },
    unasked: () => measure.unasked(),
    atRest: (at) => isMeasuring() && measure.isAtRest() && judge(at),
    limiter: () => limiter,
    countsFrom: () => countsFrom,
    limit: () => (state.kind === 'obeying' ? state.pace : null),
  };
}
