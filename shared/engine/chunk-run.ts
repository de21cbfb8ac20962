import type { Chunk } from '../domain/chunk.ts';
import { NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Protocol } from '../domain/probe.ts';
import type { Millis } from '../domain/units.ts';
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
  /** Told of each open port the moment it is seen. */
  readonly onOpen: (finding: Omit<Finding, 'service'>) => void;
}

/** What to scan. `codes` has a verdict code for each probe; only those that are `pending` are sent. */
export interface ChunkWork {
  readonly chunk: Chunk;
  readonly codes: Uint8Array;
  /** The order to probe in: a bijection of 0 … size − 1. */
  readonly order: (index: number) => number;
  /** Time that earlier deliveries of the chunk spent on checking silent UDP ports; left out, none. */
  readonly verified?: Millis;
}

/** A probe that was sent and has neither an answer nor reached its deadline. */
export interface InFlightProbe {
  /** Its place in the chunk, or `CONTROL` where the answer is no verdict. */
  readonly offset: number;
  readonly protocol: Protocol;
  readonly target: ChunkTarget;
  /** Which attempt at its port it is, from 1. */
  readonly attempt: number;
  readonly sentAt: Millis;
  readonly deadline: Millis;
  isOver: boolean;
  sent: SentProbe | null;
}

/** The offset of a control probe, to a port whose answer is known: it lies outside of every chunk. */
export const CONTROL = -1;

/** What has arrived and is not yet handled. */
export interface Response {
  readonly probe: InFlightProbe;
  readonly outcome: Outcome;
  readonly at: Millis;
}

/** One target as this chunk probes it. */
export interface ChunkTarget {
  /** What the worker knows of it; other chunks may share it. */
  readonly state: TargetState;
  /** The lane's share of the rate that the template grants. */
  readonly rate: RateLimiter;
  /** Offsets whose turn has come, or come again, but that have no socket yet. */
  readonly waiting: Fifo;
  /** Offsets that were silent at every attempt that is allowed; probed again if more are allowed. */
  exhausted: number[];
  /** The attempts that were allowed when `exhausted` was last looked through. */
  allowedBefore: number;
  /** Silences of attempts made before this moment were taken back (see `TargetRateControl`). */
  countsFrom: Millis;
}

/** A chunk being scanned; the files of this folder are the only ones that change it. */
export interface ChunkRun {
  readonly work: ChunkWork;
  readonly deps: ChunkDeps;
  readonly stop: Stop & { forget(): void };
  readonly targets: readonly ChunkTarget[];
  /** Attempts made at each offset that counted. */
  readonly attempts: Uint8Array;
  /** How far the order has been pulled. */
  pulled: number;
  readonly inFlight: Set<InFlightProbe>;
  readonly deadlines: DeadlineQueue<InFlightProbe>;
  responses: Response[];
  /** Woken by each response. */
  readonly arrival: Wakeup;
  /** Probes still pending and not exhausted. */
  unsettled: number;
  /** Probes pulled and put into a target's `waiting`. */
  waiting: number;
  /** Probes that have a verdict, but one that is still being verified (see `verifySilence`). */
  unverified: number;
  readonly faults: FaultRecord;
  readonly tally: { -readonly [Field in keyof ProbeTally]: ProbeTally[Field] };
}

/** The local faults in a row, without an answer or a silence between them. */
export interface FaultRecord {
  cause: UnprobedCause;
  since: Millis | null;
  pauseUntil: Millis;
}

export function beginRun(work: ChunkWork, deps: ChunkDeps): ChunkRun {
  const { chunk, codes } = work;
  return {
    work,
    deps,
    stop: makeStop(deps),
    targets: chunk.addresses.map((address) => ({
      state: deps.targets.of(address),
      rate: deps.targets.rateOf(address, chunk.lane),
      waiting: makeFifo(),
      exhausted: [],
      allowedBefore: 0,
      countsFrom: 0 as Millis,
    })),
    attempts: new Uint8Array(chunk.size),
    pulled: 0,
    inFlight: new Set(),
    deadlines: makeDeadlineQueue(),
    responses: [],
    arrival: makeWakeup(),
    unsettled: codes.reduce((pending, code) => pending + (code === 0 ? 1 : 0), 0),
    waiting: 0,
    unverified: 0,
    faults: { cause: 'local-fault', since: null, pauseUntil: 0 as Millis },
    tally: { ...NO_PROBES },
  };
}
