import { addressIndexAt } from '../domain/chunk.ts';
import { type Millis, millis } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import type { ChunkRun, ChunkTarget, InFlightProbe } from './chunk-run.ts';
import { COST_OF_A_PROBE, type Cohort, forecast, type Means, type Outlook } from './forecast.ts';
import { timeUpAt } from './host-timeout.ts';
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

/** Where one target stands. */
interface Standing {
  readonly target: ChunkTarget;
  readonly roundTrip: Millis | null;
  readonly unsent: number;
  readonly waiting: readonly number[];
  readonly inFlight: readonly Cohort[];
  /** Ports whose first attempt has ended, or will in all likelihood end in silence. */
  readonly tried: number;
  readonly answered: number;
  readonly allowed: number;
}

function flightsOf({ inFlight }: ChunkRun): Map<ChunkTarget, InFlightProbe[]> {
  const flights = new Map<ChunkTarget, InFlightProbe[]>();
  for (const probe of inFlight) {
    if (probe.offset < 0 || probe.isLate) continue;
    const ofTarget = flights.get(probe.target);
    if (ofTarget) ofTarget.push(probe);
    else flights.set(probe.target, [probe]);
  }
  return flights;
}

/** Answers take about as long as one another: a probe that waits for twice as long will hardly have one. */
const ROUND_TRIPS_WAITED = 2;

function standingOf(run: ChunkRun, target: ChunkTarget, flights: readonly InFlightProbe[]): Standing {
  const { rtt, retries } = target.state;
  const now = run.deps.clock.now();
  const allowed = retries.attemptsAllowed();
  const roundTrip = rtt.smoothed();
  const waiting: number[] = [];
  let silent = target.exhausted.length;
  let unsent = target.unpulled;
  target.waiting.forEach((offset) => {
    const made = run.attempts[offset] ?? 0;
    if (made === 0) {
      unsent += 1;
      return;
    }
    silent += 1;
    const left = Math.max(1, allowed - made);
    waiting[left] = (waiting[left] ?? 0) + 1;
  });
  const likelySilent = (roundTrip ?? 0) * ROUND_TRIPS_WAITED;
  const inFlight = flights.map(({ attempt, deadline, sentAt }) => {
    const isSilent = attempt > 1 || now - sentAt > likelySilent;
    if (isSilent) silent += 1;
    return { due: Math.max(0, deadline - now), ports: 1, left: isSilent ? Math.max(0, allowed - attempt) : 0 };
  });
  const { answered } = target;
  const tried = silent + answered;
  return { target, roundTrip, unsent, waiting, inFlight: joined(inFlight), tried, answered, allowed };
}

/** Cohorts that end within a hundredth of a second of each other are one. */
function joined(cohorts: readonly Cohort[]): Cohort[] {
  const joint = new Map<string, Cohort>();
  for (const { due, ports, left } of cohorts) {
    const key = `${Math.ceil(due / 10)} ${left}`;
    joint.set(key, { due: Math.ceil(due / 10) * 10, left, ports: ports + (joint.get(key)?.ports ?? 0) });
  }
  return [...joint.values()];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Targets of which a round trip is known, or of which none is, taken together; with their share of so many more ports. */
function outlookOf(run: ChunkRun, group: readonly Standing[], all: readonly Standing[]): (more: number) => Outlook {
  const unsent = sum(group.map((each) => each.unsent));
  const attempts = Math.max(...group.map(({ allowed }) => allowed));
  const mean = (of: (standing: Standing) => number): number => sum(group.map(of)) / group.length;
  const waiting: number[] = [];
  for (const each of group) {
    for (const [left, ports] of each.waiting.entries()) if (ports) waiting[left] = (waiting[left] ?? 0) + ports;
  }
  // What earlier deliveries had tried, and is still pending, was silent: it needs all of its attempts once more.
  const again = Math.min(unsent, silentBefore(run) * (unsent / Math.max(1, sum(all.map((each) => each.unsent)))));
  waiting[attempts] = (waiting[attempts] ?? 0) + again;
  const windowWith = (more: number): number =>
    sum(group.map(({ target, inFlight }) => windowOf(target, sum(inFlight.map(({ ports }) => ports)), more)));
  const outlook = {
    answering: answering(run, group),
    waiting: Array.from(waiting, (ports) => ports ?? 0),
    inFlight: group.flatMap(({ inFlight }) => inFlight),
    attempts,
    timeout: mean(({ target, allowed }) => meanTimeout(target, allowed)),
    roundTrip: mean(({ roundTrip, target }) => roundTrip ?? target.state.rtt.timeout()),
    // Where packets are lost, the window falls as often as it grows.
    isGrowing: group.every(({ target }) => target.state.window.afterLoss() === null),
    perSecond: sum(group.map(({ target }) => perSecond(target))),
  };
  return (more) => ({
    ...outlook,
    unsent: unsent - again + (more * group.length) / all.length,
    window: windowWith(more),
  });
}

/** The share of the ports not yet tried that will answer, by those that were. */
function answering(run: ChunkRun, group: readonly Standing[]): number {
  const answered = sum(group.map((each) => each.answered));
  const tried = sum(group.map((each) => each.tried));
  const { answered: answeredBefore, silent } = run.before;
  return (answeredBefore + answered) / Math.max(1, answeredBefore + Math.max(silent, tried));
}

/** Ports that earlier deliveries found silent, and whose turn has not come again. */
function silentBefore({ before, targets }: ChunkRun): number {
  return Math.max(0, before.silent - (before.pending - sum(targets.map(({ unpulled }) => unpulled))));
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
function meansOf({ deps: { budget, clock }, inFlight, tally, begunAt, slept }: ChunkRun): Means {
  const sockets = Math.max(1, budget.capacity * partOf(inFlight.size, budget.taken));
  const elapsed = clock.now() - begunAt;
  const isBusy = tally.sent >= LEAST_MEASURED && elapsed - slept > elapsed * BUSY;
  return { sockets, cost: isBusy ? (elapsed - slept) / tally.sent : COST_OF_A_PROBE };
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
  if (!chunk.ports.some(({ protocol }) => protocol === 'udp')) return 0;
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
