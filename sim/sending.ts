import { MESSAGES_PER_CALL } from '../lambdas/aws/sqs-senders.ts';
import { fleetOf } from '../lambdas/deployed-fleet.ts';
import { CHUNKS_PER_TURN, COMPLETION_FAN_IN } from '../shared/domain/limits.ts';
import type { Plan } from '../shared/domain/scan.ts';
import { workerSecondsOf } from '../shared/plan/estimate-cost.ts';
import { sendWindow, workersAt } from '../shared/plan/send-window.ts';
import { chunksInLane } from '../shared/plan/split-chunks.ts';
import { TURN_SECONDS } from '../shared/usecases/send-turn.ts';
import { CALL_SECONDS, COLD_START_SECONDS, POLL_GAP_SECONDS } from './aws-figures.ts';

/** Messages that one call puts on the queue, and when they are there. */
export interface Sending {
  readonly at: number;
  readonly first: number;
  readonly count: number;
}

/** How the chunks of a scan came onto the queue, and what that took. */
export interface Sent {
  /** Calls that sent chunks. */
  readonly calls: number;
  /** When the last chunk was on the queue. */
  readonly until: number;
  /** Seconds until the API answered. */
  readonly apiSeconds: number;
  /** Turns after the API's own. */
  readonly splits: number;
  readonly splitterSeconds: number;
  /** Requests of the queue of ranges: a send, a receive and a delete for each turn. */
  readonly rangeRequests: number;
  readonly readUnits: number;
}

/** What a turn looks at. */
export interface FleetStanding {
  readonly ended: number;
  readonly workerSeconds: number;
}

/** One turn: what it sends, and when the next begins; null after the last. */
export interface SimulatedTurn {
  readonly sendings: readonly Sending[];
  readonly nextAt: number | null;
}

/** Calls of the API before its turn: the account, two entries and the scan itself, its change to running. */
const CALLS_BEFORE_SENDING = 6;

/** Calls of a turn beside those that send: the scan, the scans that share the fleet, and the range that is left. */
const CALLS_OF_A_TURN = 3;
const READS_OF_A_TURN = 2;

/** Follows `sendTurn` over time: the first turn is the API's, the others are the splitter's. */
export class Turns {
  readonly #plan: Plan;
  readonly #workers: number;
  readonly #ifSilent: number;
  readonly #sum = { calls: 0, until: 0, apiSeconds: 0, splits: 0, splitterSeconds: 0, rangeRequests: 0, readUnits: 0 };
  #window: number | undefined;
  #first = 0;

  constructor(plan: Plan, workers: number) {
    this.#plan = plan;
    this.#workers = workers;
    this.#ifSilent = workerSecondsOf(plan, fleetOf(workers)).ifSilent / plan.geometry.chunks;
  }

  take(now: number, { ended, workerSeconds }: FleetStanding): SimulatedTurn {
    const isFirst = this.#window === undefined;
    const { geometry } = this.#plan;
    const outstanding = this.#first - ended;
    const window = sendWindow({
      workers: workersAt(now, this.#workers),
      scans: 1,
      chunkSeconds: ended > 0 ? workerSeconds / ended : this.#ifSilent,
      depth: chunksInLane(geometry),
      outstanding,
      ...(this.#window !== undefined && { window: this.#window }),
    });
    this.#window = window;
    const room = Math.max(0, window - outstanding);
    const next = Math.min(room, CHUNKS_PER_TURN, geometry.chunks - this.#first);
    // Of the tree, the root and the leaves of what is outstanding are read, and as many records of usage.
    const leaves = Math.ceil(outstanding / COMPLETION_FAN_IN);
    const reads = READS_OF_A_TURN + 1 + 2 * leaves;
    const callsBefore = isFirst ? CALLS_BEFORE_SENDING : CALLS_OF_A_TURN + 1 + leaves;
    // The splitter is cold at its first turn, and warm from then on.
    const start = !isFirst && this.#sum.splits === 0 ? COLD_START_SECONDS.median : 0;
    const begin = now + start + callsBefore * CALL_SECONDS;
    const sendings = sendingsOf(this.#first, next, begin);
    this.#first += next;
    const end = sendings.at(-1)?.at ?? begin;
    this.#count(isFirst, now, end, sendings.length, reads);
    if (this.#first === geometry.chunks) return { sendings, nextAt: null };
    return { sendings, nextAt: end + Math.max(POLL_GAP_SECONDS, room > next ? 0 : TURN_SECONDS) };
  }

  sent(): Sent {
    return this.#sum;
  }

  #count(isFirst: boolean, begin: number, end: number, calls: number, reads: number): void {
    this.#sum.calls += calls;
    this.#sum.until = end;
    this.#sum.readUnits += reads;
    if (isFirst) this.#sum.apiSeconds = end - begin;
    else {
      this.#sum.splits += 1;
      this.#sum.splitterSeconds += end - begin;
      this.#sum.rangeRequests += 3;
    }
  }
}

function sendingsOf(first: number, count: number, start: number): Sending[] {
  const sendings: Sending[] = [];
  for (let done = 0; done < count; done += MESSAGES_PER_CALL) {
    const at = start + (sendings.length + 1) * CALL_SECONDS;
    sendings.push({ at, first: first + done, count: Math.min(MESSAGES_PER_CALL, count - done) });
  }
  return sendings;
}
