import type { Chunk } from '../domain/chunk.ts';
import { NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Protocol } from '../domain/probe.ts';
import type { Millis } from '../domain/units.ts';
import type { UnprobedCause } from '../domain/verdict.ts';
import type { Clock } from '../seams/clock.ts';
import type { Ask, Prober } from '../seams/prober.ts';
import { type DeadlineQueue, makeDeadlineQueue } from './deadline-queue.ts';
import { type Fifo, makeFifo } from './fifo.ts';
import type { SocketBudget } from './socket-budget.ts';
import type { RateLimiter } from './target/rate-limiter.ts';
import type { TargetState, TargetStates } from './target/target-state.ts';

/** What a chunk is worked on with. */
export interface ChunkDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly budget: SocketBudget;
  readonly targets: TargetStates;
  /** Aborting it stops the run within a turn; what was not settled stays pending. */
  readonly signal: AbortSignal;
  /** When to stop asking, on the monotonic clock; null is never. */
  readonly deadline: Millis | null;
  /** Told of each open port the moment it is seen. */
  readonly onOpen: (finding: Omit<Finding, 'service'>) => void;
}

/** What to work on. `codes` has a verdict code for each probe; only those that are `pending` are asked. */
export interface ChunkWork {
  readonly chunk: Chunk;
  readonly codes: Uint8Array;
  /** The order to ask in: a bijection of 0 … size − 1. */
  readonly order: (index: number) => number;
}

/** One ask under way: of a probe of the chunk, or a timing ping of a port that is known to answer. */
export interface InFlightProbe {
  /** `PING` where the answer is no verdict. */
  readonly offset: number;
  readonly protocol: Protocol;
  readonly target: ChunkTarget;
  readonly attempt: number;
  readonly sentAt: Millis;
  readonly deadline: Millis;
  over: boolean;
  ask: Ask | null;
}

/** The offset of a timing ping, and of a witness: it lies outside of every chunk. */
export const PING = -1;

/** What has arrived and is not yet judged. */
export interface Response {
  readonly asking: InFlightProbe;
  readonly outcome: Outcome;
  readonly at: Millis;
}

/** One target as this chunk asks it. */
export interface ChunkTarget {
  /** What the worker knows of it; other chunks may share it. */
  readonly state: TargetState;
  readonly pace: RateLimiter;
  /** Offsets whose turn has come, or come again, but not yet their socket. */
  readonly waiting: Fifo;
  /** Offsets that were silent as often as is allowed; asked again if the allowance grows. */
  bench: number[];
  benchedAt: number;
  /** Silences of asks made before this moment were taken back (see `TargetRateControl`). */
  countsFrom: Millis;
}

/** A chunk being worked on; the functions of `scan-chunk` are the only ones that change it. */
export interface ChunkRun {
  readonly work: ChunkWork;
  readonly deps: ChunkDeps;
  readonly targets: readonly ChunkTarget[];
  /** Asks made of each offset that counted. */
  readonly attempts: Uint8Array;
  /** How far the order has been pulled. */
  pulled: number;
  readonly underway: DeadlineQueue<InFlightProbe>;
  readonly asking: Set<InFlightProbe>;
  arrived: Response[];
  /** Probes still pending and not on a bench. */
  unsettled: number;
  /** Probes pulled and put into a target's `waiting`. */
  waiting: number;
  /** Probes that have a verdict, but one that is still being checked (see `verifySilence`). */
  doubts: number;
  readonly faults: FaultRecord;
  readonly tally: { -readonly [Field in keyof ProbeTally]: ProbeTally[Field] };
  /** Set while the loop sleeps; calling it wakes the loop after one more turn. */
  wake: (() => void) | null;
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
    targets: chunk.addresses.map((address) => ({
      state: deps.targets.of(address),
      pace: deps.targets.pace(address, chunk.lane),
      waiting: makeFifo(),
      bench: [],
      benchedAt: 0,
      countsFrom: 0 as Millis,
    })),
    attempts: new Uint8Array(chunk.size),
    pulled: 0,
    underway: makeDeadlineQueue(),
    asking: new Set(),
    arrived: [],
    unsettled: codes.reduce((pending, code) => pending + (code === 0 ? 1 : 0), 0),
    waiting: 0,
    doubts: 0,
    faults: { cause: 'local-fault', since: null, pauseUntil: 0 as Millis },
    tally: { ...NO_PROBES },
    wake: null,
  };
}
