import { addressIndexAt } from '../domain/chunk.ts';
import { type Millis, millis } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import type { ChunkRun, ChunkTarget } from './chunk-run.ts';
import { lossesOf, lossesUnseen, silentBefore } from './expected-losses.ts';
import { COST_OF_A_PROBE, forecast, type Means, type Outlook } from './forecast.ts';
import { timeUpAt } from './host-timeout.ts';
import { flightsOf, type Standing, standingOf, sum } from './target-standing.ts';
import { roundsIfFree } from './udp/reprobe.ts';

/*
 * How long a chunk will still take. The mean rate so far says little of it: a window may still be growing, the last probes
 * wait for their whole timeouts, and a host may hold back its answers. So the rest of the sweep is played through with
 * what the engine knows at that moment (see `forecast`), and what comes after it is added.
 */

/** Fewer probes say little of what one costs. */
const LEAST_MEASURED = 256;

/** While losses are measured, every eighth probe is a timing ping. */
const SHARE_OF_PORTS = 7 / 8;

const CLOSED_UDP = verdictCode('closed/port-unreach');
const SILENT_UDP = verdictCode('open|filtered/no-response');

/** How long it will take; with so many more ports of its targets after it. */
export type TimeLeft = (more?: number) => Millis;

/** Where the run stands is looked at once, however many times are asked for: that is the dear part. */
export function timeLeft(run: ChunkRun): TimeLeft {
  const known = run.isDone || run.verifications.size > 0;
  if (known) return () => millis(Math.max(0, ...[...run.verifications].map((left) => left())));
  const flights = flightsOf(run);
  const targets = run.targets.map((target) => standingOf(run, target, flights.get(target) ?? []));
  const isKnown = ({ roundTrip }: Standing): boolean => roundTrip !== null;
  const groups = [targets.filter(isKnown), targets.filter((target) => !isKnown(target))];
  const outlooks = groups.filter((group) => group.length > 0).map((group) => outlookOf(run, group, targets));
  const means = meansOf(run);
  const [untilSwept, verifying] = [untilFar(run), toVerify(run, targets)];
  // No host is worked on for longer than the user said.
  const untilTimeUp = Math.max(...run.targets.map(timeUpAt)) - run.deps.clock.now();
  return (more = 0) => {
    const swept = Math.max(
      forecast(
        outlooks.map((outlookWith) => outlookWith(more)),
        means,
      ),
      untilSwept,
    );
    return millis(Math.max(0, Math.min(swept + verifying, untilTimeUp)));
  };
}

/** Targets of which a round trip is known, or of which none is, taken together; with their share of so many more ports. */
function outlookOf(run: ChunkRun, group: readonly Standing[], all: readonly Standing[]): (more: number) => Outlook {
  const unsent = sum(group.map((each) => each.unsent));
  const mean = (of: (standing: Standing) => number): number => sum(group.map(of)) / group.length;
  const losses = lossesOf(run, group);
  const answers = answering(run, group);
  const attempts = Math.max(
    ...group.map((each) => each.target.state.retries.attemptsExpected(each.unsent * answers, losses?.share ?? 0)),
  );
  // What earlier deliveries had tried, and is still pending, was silent: it needs all of its attempts once more.
  const again = Math.min(unsent, silentBefore(run) * (unsent / Math.max(1, sum(all.map((each) => each.unsent)))));
  const waiting = waitingOf(group, attempts);
  waiting[attempts] = (waiting[attempts] ?? 0) + again;
  const windowWith = (more: number): number =>
    sum(group.map(({ target, inFlight }) => windowOf(target, sum(inFlight.map(({ ports }) => ports)), more)));
  const outlook = {
    answering: answers,
    waiting,
    inFlight: group.flatMap(({ inFlight }) =>
      inFlight.map(({ due, ports, attempts: made }) => ({ due, ports, left: leftAfter(made, attempts) })),
    ),
    attempts,
    timeout: mean(({ target }) => meanTimeout(target, attempts)),
    roundTrip: mean(({ roundTrip, target }) => roundTrip ?? target.state.rtt.timeout()),
    losses,
    perSecond: sum(group.map(({ target }) => perSecond(target))),
  };
  return (more) => ({
    ...outlook,
    unsent: unsent - again + (more * group.length) / all.length,
    window: windowWith(more),
  });
}

const leftAfter = (made: number | null, attempts: number): number => (made === null ? 0 : Math.max(0, attempts - made));

/** Silent ports by the attempts they have left; what was given up after fewer than it will deserve waits as well. */
function waitingOf(group: readonly Standing[], attempts: number): number[] {
  const waiting = Array.from({ length: attempts + 1 }, () => 0);
  for (const { silent } of group) {
    silent.forEach((ports, made) => {
      const left = leftAfter(made, attempts);
      if (left > 0) waiting[left] = (waiting[left] ?? 0) + ports;
    });
  }
  return waiting;
}

/** The share of the ports not yet tried that would answer if nothing were lost, by those that were tried. */
function answering(run: ChunkRun, group: readonly Standing[]): number {
  const answered = sum(group.map((each) => each.answered)) + lossesUnseen(run, group);
  const tried = sum(group.map((each) => each.tried));
  const { answered: answeredBefore, silent } = run.before;
  return (answeredBefore + answered) / Math.max(1, answeredBefore + Math.max(silent, tried));
}

const meanTimeout = ({ state: { rtt } }: ChunkTarget, allowed: number): number =>
  (rtt.timeout(false) * (allowed - 1) + rtt.timeout(true)) / allowed;

/** This chunk's part of the window, as far as others probe the target as well; nothing where it has nothing to send. */
function windowOf({ state, unpulled, waiting, floor }: ChunkTarget, mine: number, more: number): number {
  if (unpulled + waiting.length + mine + more === 0) return 0;
  // A rate that the user forces is kept whatever the window.
  const forced = floor === null ? 0 : (floor.perSecond * state.rtt.timeout()) / 1_000;
  return Math.max(forced, state.window.typical() * partOf(mine, state.inFlight));
}

/** A worker has two chunks at once: one that begins has little in flight, but will come to its half. */
const LEAST_PART = 1 / 2;

/** What this chunk has of something that it shares, by what it holds of all that is taken. */
const partOf = (mine: number, taken: number): number => (mine >= taken ? 1 : Math.max(LEAST_PART, mine / taken));

function perSecond({ rate, state: { rateControl } }: ChunkTarget): number {
  const found = rateControl.limiter().perSecond;
  return Math.min(rate.perSecond, found < Number.POSITIVE_INFINITY ? found * SHARE_OF_PORTS : found);
}

/** Where the process was at work for less of the time, its speed is not what holds it. */
const BUSY = 1 / 2;

/** This chunk's part of the sockets, and what a probe costs. */
function meansOf({ deps: { budget, clock }, inFlight, tally, begunAt, busySince }: ChunkRun): Means {
  const sockets = Math.max(1, budget.capacity * partOf(inFlight.size, budget.taken));
  const now = clock.now();
  const isBusy = tally.sent >= LEAST_MEASURED && now - busySince > (now - begunAt) * BUSY;
  return { sockets, cost: isBusy ? (now - busySince) / tally.sent : COST_OF_A_PROBE };
}

/** A target that was never heard may be far, and its first probes are waited for longer. */
function untilFar({ deps, inFlight }: ChunkRun): number {
  const now = deps.clock.now();
  let until = 0;
  for (const { farDeadline, target } of inFlight) {
    if (farDeadline !== null && target.state.hearing.state === 'unheard') until = Math.max(until, farDeadline - now);
  }
  return until;
}

/** What verifying silent UDP ports will take, where the target holds no answer back: of that nothing is known yet. */
function toVerify(run: ChunkRun, targets: readonly Standing[]): number {
  const { chunk, codes } = run.work;
  if (chunk.ports.udpFrom === chunk.ports.length) return 0;
  const silent = new Float64Array(targets.length);
  const isRefusing = new Uint8Array(targets.length);
  const pendingSilence = targets.map(({ answered, tried }) => 1 - answered / Math.max(1, tried));
  for (let offset = 0; offset < chunk.size; offset++) {
    const index = addressIndexAt(chunk, offset);
    if (codes[offset] === CLOSED_UDP) isRefusing[index] = 1;
    else if (codes[offset] === SILENT_UDP) silent[index] = (silent[index] ?? 0) + 1;
    else if (codes[offset] === 0) silent[index] = (silent[index] ?? 0) + (pendingSilence[index] ?? 1);
  }
  const times = targets.map(({ target: { state, index } }) =>
    isRefusing[index] ? roundsIfFree(silent[index] ?? 0, 1) * state.rtt.timeout(true) : 0,
  );
  return Math.max(...times);
}
