import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis, type PortNumber } from '../../../shared/domain/units.ts';
import { type IcmpRateLimit, makeIcmpRateLimit, PATIENCE } from '../../../shared/engine/target/icmp-limit.ts';
import { makeReprobe, type Reprobe } from '../../../shared/engine/udp/reprobe.ts';
import { makeBucket } from '../../helpers/limited-host.ts';

interface World {
  readonly perSecond: number;
  readonly burst: number;
  /** Ports in doubt that are closed, and that never answer. */
  readonly closed: number;
  readonly silent: number;
  /** The share of probes whose answer is lost. */
  readonly loss?: number;
  /** Milliseconds from one datagram of a round to the next. */
  readonly gap?: number;
  readonly seed?: number;
}

interface Played {
  readonly seconds: number;
  readonly calledSilent: readonly number[];
  readonly foundClosed: readonly number[];
  readonly rate: IcmpRateLimit;
  readonly check: Reprobe;
}

const TIMEOUT = 100;
const ROUND_TRIP = 10;
const GAP_OF_DATAGRAMS = 0.3;

/** Numbers in [0, 1), the same for one seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Plays the check against a host with a bucket, in time that passes by itself. Closed ports are 0 … closed − 1. */
function play(
  { perSecond, burst, closed, silent, loss = 0, gap = GAP_OF_DATAGRAMS, seed = 1 }: World,
  patience = PATIENCE.T2,
): Played {
  const bucket = makeBucket(perSecond, burst);
  while (bucket.take(0));
  const roll = dice(seed);
  const rate = makeIcmpRateLimit(patience);
  for (let port = 1; port <= burst; port++) rate.closed(port as PortNumber);
  const ports = Array.from({ length: closed + silent }, (_, index) => ({ index, at: roll() }));
  const check = makeReprobe(
    ports.sort((a, b) => a.at - b.at).map(({ index }) => index),
    rate,
  );
  const [calledSilent, foundClosed]: [number[], number[]] = [[], []];
  const isAnswered = (now: number): boolean => roll() >= loss && bucket.take(now);
  let now = 0;
  for (let round = check.next(); round && !rate.exhausted(); round = check.next()) {
    const begun = now;
    const spoke = new Set<number>();
    for (const offset of round.offsets) {
      if (offset < closed && isAnswered(now)) spoke.add(offset);
      now += gap;
    }
    const witness = round.control && isAnswered(now);
    now += spoke.size === round.offsets.length ? ROUND_TRIP : TIMEOUT;
    calledSilent.push(...check.heard(round, { answered: spoke, closed: spoke, control: witness }, millis(now)));
    foundClosed.push(...spoke);
    now = Math.max(now, begun + rate.gap());
    rate.spend(millis(now - begun));
  }
  return { seconds: now / 1_000, calledSilent, foundClosed, rate, check };
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe('the check of silent ports', () => {
  // A limit may give out an answer between a probe and its control: see the test of fast limits. Here there is no between.
  it('tells the closed from the silent on any host that holds answers back, and leaves none unverified', () => {
    const worlds = fc.record({
      perSecond: fc.constantFrom(0.5, 1, 4),
      burst: fc.integer({ min: 1, max: 100 }),
      closed: fc.integer({ min: 0, max: 120 }),
      silent: fc.integer({ min: 0, max: 120 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(worlds, (world) => {
        const { calledSilent, foundClosed, check } = play({ ...world, gap: 0 });
        expect(sorted(foundClosed)).toEqual(numbers(0, world.closed));
        expect(sorted(calledSilent)).toEqual(numbers(world.closed, world.closed + world.silent));
        expect(check.unverified()).toEqual([]);
      }),
    );
  });

  it('takes little longer than the host needs to answer for every closed port once', () => {
    // Linux: 89 answers at one a second, and two for each of the five silent ports
    for (const seed of numbers(1, 20)) {
      const { seconds } = play({ perSecond: 1, burst: 6, closed: 89, silent: 5, seed });
      expect(seconds).toBeLessThan((89 + 2 * 5) * 1.1);
    }
  });

  it('is done at once with a host that holds nothing back', () => {
    const { seconds, calledSilent } = play({ perSecond: 1e6, burst: 1e3, closed: 0, silent: 1_000 });
    expect(calledSilent).toHaveLength(1_000);
    expect(seconds).toBeLessThan(5);
  });

  it('does not take a lost packet for silence, but for few', () => {
    const closed = 89;
    const wrong = numbers(1, 21).map(
      (seed) => play({ perSecond: 1, burst: 6, closed, silent: 5, loss: 0.1, seed }).foundClosed.length,
    );
    // a tenth of the probes lost, twice in a row: about one port in a hundred of those that are doubted twice
    const missed = wrong.reduce((sum, found) => sum + closed - found, 0);
    expect(missed / (20 * closed)).toBeLessThan(0.01);
  });

  it.each([4, 16, 200])('is wrong about few closed ports where the limit is as fast as %i a second', (perSecond) => {
    const played = numbers(1, 21).map((seed) => play({ perSecond, burst: 6, closed: 100, silent: 50, seed }));
    for (const { foundClosed, calledSilent } of played) {
      expect(sorted([...foundClosed, ...calledSilent])).toEqual(numbers(0, 150));
      expect(foundClosed.every((port) => port < 100)).toBe(true);
    }
    const missed = played.reduce((sum, { foundClosed }) => sum + 100 - foundClosed.length, 0);
    expect(missed / (20 * 100)).toBeLessThan(0.01);
  });

  it('says how many answers a second it had', () => {
    const { rate } = play({ perSecond: 1, burst: 6, closed: 60, silent: 5 });
    expect(rate.limit()).toBeGreaterThan(0.9);
    expect(rate.limit()).toBeLessThan(1.1);
  });

  it('says nothing of a limit where few closed ports were late, as when packets get lost', () => {
    const { rate, foundClosed } = play({ perSecond: 1e6, burst: 100, closed: 5, silent: 20, loss: 0.3 });
    expect(foundClosed).toHaveLength(5);
    expect(rate.limit()).toBeNull();
  });

  it('gives a host up that answers nothing any more', () => {
    const { rate, check, seconds, calledSilent } = play({ perSecond: 0, burst: 6, closed: 20, silent: 5 });
    expect(rate.exhausted()).toBe(true);
    expect(rate.isUncertain()).toBe(true);
    expect(calledSilent).toEqual([]);
    expect(check.unverified()).toHaveLength(25);
    expect(seconds).toBeLessThan(20);
  });

  it('ends when the patience of the template does, with the rest in doubt', () => {
    const { seconds, check, foundClosed } = play({ perSecond: 1, burst: 6, closed: 600, silent: 0 }, PATIENCE.T5);
    expect(seconds).toBeLessThan(12);
    expect(foundClosed.length).toBeGreaterThan(5);
    expect(check.unverified()).toHaveLength(600 - foundClosed.length);
  });
});
