import { LEAST_PINGS, type Loss, pingsIn } from './loss-measure.ts';

/*
 * The search for the rate that a target lets through, as a state machine of measures. Losses that no rate explains are the
 * line's.
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
 * Where half the share may be the chance of few pings, as many more go out at the rate that is tried.
 */

export type RateState =
  | { readonly kind: 'free' }
  | { readonly kind: 'measuring' }
  | Trying
  | Limited
  | { readonly kind: 'unlimited' };

/**
 * `first`: the share that was lost at the rate `tooMuch`, before the first step down. `lost`: how many of so many pings were
 * lost at the rate that is tried.
 */
interface Trying {
  readonly kind: 'trying';
  readonly first: number;
  readonly tries: number;
  readonly rate: number;
  readonly tooMuch: number;
  readonly lost: number;
  readonly of: number;
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

/**
 * One in eight, so that they go out with 512 probes: twice what a system that counts by the second (BSD 200, macOS 250) lets
 * through at its beginning.
 */
export const PINGS = 64;

/** More than any network loses that people work with. */
const TOO_MUCH = 1 / 3;
const TOO_MUCH_IF_LIMITED = 1 / 6;
/** Where 30 % of the packets are lost each way, half of the probes are, and of 64 pings seldom so many. */
const NOT_AT_RANDOM = 0.6;
/** Of 48 probes four, of 16 two: at such a share, three attempts in a row are lost for one port in 4,000. */
const TOO_MUCH_OF_ANSWERED = 1 / 15;

/** Of four tries at a line that loses at random, one in 250 is then taken for a limit. */
const DOUBT = 0.001;

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
/** Several workers may share a limit and rise at once, but not so often in a row: 0.7⁸ is a seventeenth. */
const MOST_CUTS = 8;
/** What systems count by. */
export const A_SECOND = 1_000;

/** The rate that lets through what comes through now; no more than `mostCut` of it is taken at once. */
const underLoss = (rate: number, share: number, least: number, mostCut = MOST_CUT): number =>
  Math.max(least, rate * Math.max(1 - mostCut, (1 - share) * MARGIN));

export const rateOf = (state: RateState): number | null => ('rate' in state ? state.rate : null);

/** At a rate that is tried, as many as go out in a second; at one that is known to be right, few will do to follow it. */
export function pingsFor(state: RateState): number {
  if (state.kind === 'limited') return LEAST_PINGS;
  return state.kind === 'trying' ? Math.max(LEAST_PINGS, Math.min(PINGS, pingsIn(state.rate))) : PINGS;
}

/** What a measure makes of the state in which it was taken. */
export function next(state: RateState, loss: Loss, least: number, at: number): RateState {
  const { share, rate, isOfPings } = loss;
  switch (state.kind) {
    case 'free':
    case 'unlimited':
      return state;
    case 'measuring':
      if (share < TOO_MUCH) return { kind: 'free' };
      return tryAt(underLoss(rate, share, least), { first: share, tries: 1, tooMuch: rate });
    case 'trying':
      return judgeTry(state, loss, least, at);
    case 'limited':
      if (isTooMuch(share, isOfPings)) return cut(state, share, least, at);
      // Where there is little left to send, the rate was not reached, and nothing was learnt of it.
      return share === 0 && rate > state.rate / 2 ? rise(state, at) : state;
    default:
      return state satisfies never;
  }
}

const tryAt = (rate: number, why: Pick<Trying, 'first' | 'tries' | 'tooMuch'>): Trying => ({
  ...{ kind: 'trying', rate, lost: 0, of: 0 },
  ...why,
});

/**
 * Less is lost at the rate that is tried: the limit. As much is lost: the next rate. Of a few pings some may be spared by
 * chance, where the line loses as many at any rate; then more are sent at this one.
 */
function judgeTry(state: Trying, loss: Loss, least: number, at: number): RateState {
  const { first, tries, tooMuch } = state;
  const [lost, of] = [state.lost + Math.round(loss.share * loss.of), state.of + loss.of];
  const share = lost / Math.max(1, of);
  const sent = Math.min(state.rate, loss.rate);
  const lower = underLoss(sent, share, least);
  if (share <= first / 2) {
    if (chanceOf(lost, of, first) > DOUBT) return { ...state, lost, of };
    const found = share < TOO_MUCH_IF_LIMITED ? { rate: state.rate, tooMuch } : { rate: lower, tooMuch: sent };
    return limitedTo(found, first, at);
  }
  if (tries < MOST_TRIES) return tryAt(lower, { first, tries: tries + 1, tooMuch: sent });
  if (first < NOT_AT_RANDOM) return { kind: 'unlimited' };
  return limitedTo({ rate: lower, tooMuch: sent }, first, at);
}

/** That of so many probes no more are lost, where that share is on the average: the lower tail of the binomial distribution. */
function chanceOf(lost: number, of: number, share: number): number {
  if (share >= 1) return lost < of ? 0 : 1;
  let exactly = (1 - share) ** of;
  let chance = exactly;
  for (let count = 1; count <= lost; count++) {
    exactly *= ((of - count + 1) / count) * (share / (1 - share));
    chance += exactly;
  }
  return chance;
}

const limitedTo = (found: Pick<Limited, 'rate' | 'tooMuch'>, first: number, at: number): Limited => ({
  ...{ kind: 'limited', first, cuts: 0, inVain: 0, steppedAt: at },
  ...found,
});

export const isTooMuch = (share: number, isOfPings: boolean): boolean =>
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
function cut(state: Limited, share: number, least: number, at: number): RateState {
  const { rate, first, steppedAt } = state;
  if (state.cuts > 0 && at - steppedAt < A_SECOND) return state;
  const [cuts, inVain] = [state.cuts + 1, share > first / 2 ? state.inVain + 1 : 0];
  if (inVain === MOST_CUTS) return { kind: 'unlimited' };
  if (cuts === MOST_CUTS) return tryAt(rate, { first, tries: 1, tooMuch: rate });
  const lower = underLoss(rate, share, least, MOST_CUT_IF_LIMITED);
  return { ...state, rate: lower, tooMuch: rate, cuts, inVain, steppedAt: at };
}
