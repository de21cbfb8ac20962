import { CLAIM_MARGIN_SECONDS, MAX_DELIVERIES, WORKER_SECONDS, WORKER_WRITE_SECONDS } from '../shared/domain/limits.ts';
import type { Seed } from '../shared/domain/units.ts';
import { CALL_SECONDS, COLD_START_SECONDS } from './aws-figures.ts';
import type { Message } from './fifo-queue.ts';
import type { DeliveryEnding, FleetScan } from './fleet-run.ts';
import type { Flow } from './gauges.ts';
import { makeDraws } from './random-draws.ts';
import { coverageUnits, findingUnits } from './records.ts';
import type { ScanWork } from './scan-work.ts';
import { HOLDS, type Hold } from './sweep-time.ts';

/** One invocation of a worker, until it has ended. */
export interface SimulatedDelivery extends Flow {
  readonly message: Message;
  readonly began: number;
  readonly ending: DeliveryEnding;
  /** Seconds for which the function is paid. */
  readonly paid: number;
  /** It ended well, and its message comes again all the same. */
  readonly isEchoed: boolean;
}

/** How long a delivery probes, and how it ends. */
type DeliveryEnd = Pick<SimulatedDelivery, 'ending' | 'isEchoed'> & { readonly seconds: number };

/** Deliveries of one chunk that have draws of their own; later ones draw as the last. */
const DRAWN_DELIVERIES = 8;

/** Calls before the first probe: the scan and the last coverage. After the last one: findings, coverage, usage, the tree. */
const READ_SECONDS = 2 * CALL_SECONDS;
const WRITE_SECONDS = 4 * CALL_SECONDS;

/** How long a worker may probe: its time, less what it keeps for writing. */
const MOST_SECONDS = WORKER_SECONDS - WORKER_WRITE_SECONDS - READ_SECONDS;

type Numbers = Float64Array | Uint16Array | Uint8Array;
const at = (numbers: Numbers, place: number): number => numbers[place] ?? 0;
const add = (numbers: Float64Array | Uint16Array, place: number, by: number): void => {
  numbers[place] = at(numbers, place) + by;
};

/** What workers do with the messages they are given, and what that adds up to. */
export class Workers {
  readonly sum = { probes: 0, attempts: 0, open: 0, workerSeconds: 0, writeUnits: 0, readUnits: 0, coldStarts: 0 };
  readonly endings: Record<DeliveryEnding, number> = { done: 0, 'put-back': 0, crash: 0, repeat: 0, 'given-up': 0 };
  running = 0;
  mostAtOnce = 0;
  /** How long a message waited on the queue before it was first delivered, at the most. */
  oldest = 0;
  readonly #planned: FleetScan;
  readonly #work: ScanWork;
  readonly #drawsOf: ReturnType<typeof makeDraws>;
  readonly #held = new Float64Array(HOLDS.length);
  /** Seconds of probing that are left of each chunk, and how often it was delivered. */
  readonly #left: Float64Array;
  readonly #runs: Uint16Array;
  #warm = 0;

  constructor(planned: FleetScan, work: ScanWork, seed: Seed) {
    this.#planned = planned;
    this.#work = work;
    this.#drawsOf = makeDraws(seed);
    this.#left = new Float64Array(planned.scan.plan.geometry.chunks);
    this.#runs = new Uint16Array(planned.scan.plan.geometry.chunks);
  }

  begin(message: Message, now: number): SimulatedDelivery {
    const { chunk } = message;
    const work = this.#work;
    if (at(this.#runs, chunk) === 0) this.#firstDelivery(chunk);
    if (message.deliveries === 0) this.oldest = Math.max(this.oldest, now - message.sentAt);
    const { seconds, ending, isEchoed } = this.#endOf(chunk);
    const init = this.#initSeconds(chunk);
    add(this.#runs, chunk, 1);
    message.deliveries += 1;
    const share = seconds / at(work.seconds, chunk);
    const attempts = at(work.attempts, chunk) * share;
    const findings = findingUnits(at(work.open, chunk) * share, seconds);
    // A delivery that comes to its end adds what it has used.
    const units = coverageUnits(at(work.probes, chunk), seconds) + findings + (ending === 'crash' ? 0 : 1);
    const paid = init + READ_SECONDS + seconds + (ending === 'crash' ? 0 : WRITE_SECONDS);
    this.#count({ paid, units, attempts });
    add(this.#held, at(work.heldBy, chunk), seconds);
    this.#left[chunk] = leftAfter(at(this.#left, chunk), seconds, ending, at(work.longestWait, chunk));
    return { message, began: now, ending, paid, isEchoed, chunk, attempts: attempts / paid, writeUnits: units / paid };
  }

  end({ ending }: SimulatedDelivery): void {
    this.endings[ending] += 1;
    this.running -= 1;
    if (ending !== 'crash') this.#warm += 1;
  }

  /**
   * What becomes of a message that was in the hands of a dead worker: delivered too often, the function for dead letters
   * ends its chunk as failed. One that had done its work only repeats, as a dead letter too.
   */
  afterVisibility({ chunk, deliveries }: Message): 'again' | 'over' {
    if (deliveries < MAX_DELIVERIES) return 'again';
    if (at(this.#left, chunk) > 0) this.endings['given-up'] += 1;
    return 'over';
  }

  /** Seconds of probing, by what held them. */
  held(): Readonly<Record<Hold, number>> {
    return Object.fromEntries(HOLDS.map((hold, place) => [hold, at(this.#held, place)])) as Record<Hold, number>;
  }

  #firstDelivery(chunk: number): void {
    this.#left[chunk] = at(this.#work.seconds, chunk);
    this.sum.probes += at(this.#work.probes, chunk);
    this.sum.open += at(this.#work.open, chunk);
  }

  #count({
    paid,
    units,
    attempts,
  }: {
    readonly paid: number;
    readonly units: number;
    readonly attempts: number;
  }): void {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    this.sum.workerSeconds += paid;
    this.sum.writeUnits += units;
    this.sum.readUnits += this.#planned.scanUnits + 1;
    this.sum.attempts += attempts;
  }

  #endOf(chunk: number): DeliveryEnd {
    const nth = Math.min(at(this.#runs, chunk), DRAWN_DELIVERIES - 1);
    const draws = this.#drawsOf(chunk * DRAWN_DELIVERIES + nth);
    const { crashes, duplicates } = this.#planned.conditions.world;
    const wanted = at(this.#left, chunk);
    if (wanted === 0) return { seconds: 0, ending: 'repeat', isEchoed: false };
    const [seconds, drawn] = [Math.min(wanted, MOST_SECONDS), draws.uniform()];
    if (drawn < crashes) return { seconds: seconds * draws.uniform(), ending: 'crash', isEchoed: false };
    if (wanted > MOST_SECONDS) return { seconds, ending: 'put-back', isEchoed: false };
    return { seconds, ending: 'done', isEchoed: drawn < crashes + duplicates };
  }

  #initSeconds(chunk: number): number {
    if (this.#warm > 0) {
      this.#warm -= 1;
      return 0;
    }
    this.sum.coldStarts += 1;
    return this.#drawsOf(this.#left.length * DRAWN_DELIVERIES + chunk).lognormal(COLD_START_SECONDS);
  }
}

/**
 * When the message of a dead worker, or of one that ended well and is repeated, can be delivered again: a worker claims
 * its message for as long as it may live and a little more.
 */
export const visibleAgainAt = ({ began }: SimulatedDelivery): number => began + WORKER_SECONDS + CLAIM_MARGIN_SECONDS;

/** Attempts in flight when a worker stops were for nothing, and a crash loses what no checkpoint has. */
function leftAfter(left: number, seconds: number, ending: DeliveryEnding, longestWait: number): number {
  switch (ending) {
    case 'put-back':
      return left - (seconds - longestWait);
    case 'crash':
      return left - Math.max(0, Math.floor(seconds) - longestWait);
    default:
      return 0;
  }
}
