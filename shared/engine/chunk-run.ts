import type { Chunk } from '../domain/chunk.ts';
import { countPending, NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Protocol } from '../domain/probe.ts';
import type { Address, Millis } from '../domain/units.ts';
import type { UnprobedCause } from '../domain/verdict.ts';
import type { Clock } from '../seams/clock.ts';
import type { Prober, SentProbe } from '../seams/prober.ts';
import { makeStop, makeWakeup, type Stop, type Wakeup } from '../seams/sleep.ts';
import { type DeadlineQueue, type Fifo, makeDeadlineQueue, makeFifo } from './queues.ts';
import type { SocketBudget } from './socket-budget.ts';
import type { RateLimiter } from './target/rate-limiter.ts';
import type { TargetState, TargetStates } from './target/target-state.ts';

/** What a chunk is scanned with. */
export interface ChunkDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly budget: SocketBudget;
  readonly targets: TargetStates;
  /** Aborting it stops the run within a turn; what was not settled stays pending. */
  readonly signal: AbortSignal;
  /** When to stop probing, on the monotonic clock; null is never. */
  readonly deadline: Millis | null;
  /** Told of each open port the moment it is seen, with what a UDP service replied. */
  readonly onOpen: (finding: Omit<Finding, 'service'>, reply: Uint8Array | null) => void;
}

/** What to scan. `codes` has a verdict code for each probe; only those that are `pending` are sent. */
export interface ChunkWork {
  readonly chunk: Chunk;
  readonly codes: Uint8Array;
  /** The order to probe in: a bijection of 0 … size − 1. */
  readonly order: (index: number) => number;
  /** Time that earlier deliveries of the chunk spent on checking silent UDP ports; left out, none. */
  readonly verified?: Millis;
  /**
   * A target that was never heard is tried as often as the losses of all others call for: it may have one port alone that
   * answers. Worth it where hosts are looked for, by a few ports; of every port of silent addresses it would be too much.
   */
  readonly poolsLoss?: boolean;
  /** How far earlier deliveries had come in the order: what is pending up to there has been silent. Left out, not at all. */
  readonly triedBefore?: number;
}

/** A probe that was sent and has neither an answer nor reached its deadline. */
export interface InFlightProbe {
  /** Its place in the chunk, or `CONTROL` or `LOOK` where the answer is no verdict. */
  readonly offset: number;
  readonly protocol: Protocol;
  readonly target: ChunkTarget;
  /** Which attempt at its port it is, from 1, of those that count. */
  attempt: number;
  readonly sentAt: Millis;
  deadline: Millis;
  /** Its socket stays open until then, though its silence counts from `deadline` on: the target may be far. */
  readonly farDeadline: Millis | null;
  /** `deadline` has passed, and only `farDeadline` is left. */
  isLate: boolean;
  isOver: boolean;
  sent: SentProbe | null;
}

/** The offset of a control probe, to a port whose answer is known: it lies outside of every chunk. */
export const CONTROL = -1;

/** The offset of a second look at a port, to see whether its target treats us as before (see `ResetWatch`). */
export const LOOK = -2;

/** What has arrived and is not yet handled. */
export interface Response {
  readonly probe: InFlightProbe;
  readonly outcome: Outcome;
  readonly at: Millis;
}

/** One target as this chunk probes it. */
export interface ChunkTarget {
  readonly address: Address;
  /** Its place among the addresses of the chunk. */
  readonly index: number;
  /** What the worker knows of it; other chunks may share it. */
  readonly state: TargetState;
  /** The lane's share of the rate that the template grants. */
  readonly rate: RateLimiter;
  /** Its share of the rate that the user forces; null for none. */
  readonly floor: RateLimiter | null;
  /** Pending offsets whose turn has not come yet. */
  unpulled: number;
  /** Offsets whose turn has come, or come again, but that have no socket yet. */
  readonly waiting: Fifo;
  /** Ports that answered in this run. */
  answered: number;
  /** Offsets that were silent at every attempt that is allowed; probed again if more are allowed. */
  exhausted: number[];
  /** It limits what it answers, and its silent ports have been probed once more for that. */
  isTriedOnceMore: boolean;
  /** The attempts that were allowed when `exhausted` was last looked through. */
  allowedBefore: number;
  /** How many of the spans whose silences were taken back have been applied here (see `Hearing`). */
  voidsApplied: number;
  /** Since when it has been silent, as far as this chunk noticed; null while it is heard. */
  silentSince: Millis | null;
  /** What was left of it is unprobed, because it did not come back. */
  isGivenUp: boolean;
  /** What was left of it is unprobed, because its time was up. */
  isTimeUp: boolean;
  /** Faults of this machine that concern this target alone: no route to it, a local firewall. */
  readonly fault: FaultRecord;
}

/** A chunk being scanned; the files of this folder are the only ones that change it. */
export interface ChunkRun {
  readonly work: ChunkWork;
  readonly deps: ChunkDeps;
  readonly stop: Stop & { forget(): void };
  readonly targets: readonly ChunkTarget[];
  /** Attempts made at each offset that counted, and when the first and the last of them were sent. */
  readonly attempts: Uint8Array;
  readonly firstSentAt: Float64Array;
  readonly lastSentAt: Float64Array;
  /** How far the order has been pulled. */
  pulled: number;
  readonly inFlight: Set<InFlightProbe>;
  readonly deadlines: DeadlineQueue<InFlightProbe>;
  readonly responses: Response[];
  /** Woken by each response. */
  readonly arrival: Wakeup;
  /** Probes still pending and not exhausted. */
  unsettled: number;
  /** Probes pulled and put into a target's `waiting`. */
  waiting: number;
  /** Probes that have a verdict, but one that is still being verified (see `verifySilence`). */
  unverified: number;
  /** Pending probes at the beginning, and of those that earlier deliveries tried, how many had answered, how many not. */
  readonly before: { readonly pending: number; readonly answered: number; readonly silent: number };
  /** How long each target's verification will still take, in milliseconds. */
  readonly verifications: Set<() => number>;
  readonly begunAt: Millis;
  /**
   * When it would have begun, had there always been something to do: every wait moves it on. A time of the clock, and no
   * count from 0: V8 drops what it compiled of the engine when a field that held an integer gets its first fraction.
   */
  busySince: Millis;
  /** Faults of this machine whatever the target: descriptors, memory, local ports. */
  readonly fault: FaultRecord;
  /** How long a silent target is waited for at most: a third of the time there is, for other targets need some as well. */
  readonly patience: number;
  /** Every probe is settled, and every silence counts. */
  isDone: boolean;
  readonly tally: { -readonly [Field in keyof ProbeTally]: ProbeTally[Field] };
}

/** The local faults in a row, without a probe that was sent between them. */
export interface FaultRecord {
  cause: UnprobedCause;
  since: Millis | null;
  pauseUntil: Millis;
  /** After each pause one probe is sent, to see whether the fault is over. */
  tester: InFlightProbe | null;
}

const noFault = (): FaultRecord => ({ cause: 'local-fault', since: null, pauseUntil: 0 as Millis, tester: null });

export function beginRun(work: ChunkWork, deps: ChunkDeps): ChunkRun {
  const { chunk } = work;
  const pendingOf = pendingByAddress(work);
  const unsettled = pendingOf.reduce((sum, pending) => sum + pending, 0);
  return {
    work,
    deps,
    stop: makeStop(deps),
    targets: chunk.addresses.map((address, index) => beginTarget(work, deps, address, index, pendingOf[index] ?? 0)),
    attempts: new Uint8Array(chunk.size),
    firstSentAt: new Float64Array(chunk.size),
    lastSentAt: new Float64Array(chunk.size),
    pulled: 0,
    inFlight: new Set(),
    deadlines: makeDeadlineQueue(),
    responses: [],
    arrival: makeWakeup(),
    unsettled,
    waiting: 0,
    unverified: 0,
    before: { pending: unsettled, ...triedBefore(work) },
    verifications: new Set(),
    begunAt: deps.clock.now(),
    busySince: deps.clock.now(),
    fault: noFault(),
    patience: deps.deadline === null ? Number.POSITIVE_INFINITY : (deps.deadline - deps.clock.now()) / 3,
    isDone: unsettled === 0,
    tally: { ...NO_PROBES },
  };
}

function beginTarget(
  { chunk }: ChunkWork,
  { targets }: ChunkDeps,
  address: Address,
  index: number,
  unpulled: number,
): ChunkTarget {
  return {
    address,
    index,
    state: targets.of(address),
    rate: targets.rateOf(address, chunk.lane),
    floor: targets.floorOf(address, chunk.lane),
    unpulled,
    waiting: makeFifo(),
    answered: 0,
    exhausted: [],
    isTriedOnceMore: false,
    allowedBefore: 0,
    voidsApplied: targets.of(address).hearing.voids.length,
    silentSince: null,
    isGivenUp: false,
    isTimeUp: false,
    fault: noFault(),
  };
}

function pendingByAddress({ chunk: { addresses, ports }, codes }: ChunkWork): readonly number[] {
  return addresses.map((_, index) => countPending(codes, index * ports.length, (index + 1) * ports.length));
}

/** Of the probes that earlier deliveries tried, how many had answered, and how many are pending still. */
function triedBefore({ codes, order, triedBefore: tried = 0 }: ChunkWork): { answered: number; silent: number } {
  let silent = 0;
  for (let index = 0; index < tried; index++) if (codes[order(index)] === 0) silent += 1;
  return { answered: tried - silent, silent };
}

/** The offsets of the target's ports, one after the other. */
export function* offsetsOf({ work: { chunk } }: ChunkRun, { index }: ChunkTarget): Generator<number> {
  const end = (index + 1) * chunk.ports.length;
  for (let offset = index * chunk.ports.length; offset < end; offset++) yield offset;
}
