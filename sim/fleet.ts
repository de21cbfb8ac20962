import type { Seed } from '../shared/domain/units.ts';
import { POLL_GAP_SECONDS } from './aws-figures.ts';
import { makeCompletion } from './completion.ts';
import { makeEventHeap } from './event-heap.ts';
import { type FifoQueue, type Message, makeFifoQueue } from './fifo-queue.ts';
import type { FleetRun, FleetScan, WaitCause } from './fleet-run.ts';
import { type Gauges, makeGauges } from './gauges.ts';
import { slotOpensAt, slotsAt } from './ramp.ts';
import type { ScanWork } from './scan-work.ts';
import { type Sending, Turns } from './sending.ts';
import { type SimulatedDelivery, visibleAgainAt, Workers } from './workers.ts';

type Event =
  | { readonly kind: 'turn' }
  | { readonly kind: 'sent'; readonly sending: Sending }
  | { readonly kind: 'slot' }
  | { readonly kind: 'ended'; readonly delivery: SimulatedDelivery }
  | { readonly kind: 'visible'; readonly message: Message };

/** Where the chunk of another scan would stand on the queue, had it been sent then. */
interface Passer {
  readonly order: number;
  readonly at: number;
}

/** A slot opens so much later than it is due, so that rounding never finds it still shut. */
const ROUNDING_SECONDS = 1e-9;

/**
 * Runs a scan through the queue and `most` workers, over virtual time, from the request to the last chunk's end. The
 * seed decides which functions die; what the chunks meet is in `work`.
 *
 *   turn ─▶ sent ─▶ queue ─ slot free ─▶ delivery ─▶ ended ─ done ──────▶ completion tree
 *                   ▲                                │─ put back ─┐
 *                   │◀─ visible again ◀─ crash, echo ┘            │
 *                   └─────────────────────────────────────────────┘
 */
export function runFleet(planned: FleetScan, work: ScanWork, most: number, seed: Seed): FleetRun {
  const fleet = new Fleet(planned, work, most, seed);
  fleet.run();
  return fleet.result();
}

class Fleet {
  readonly #chunks: number;
  readonly #most: number;
  readonly #workers: Workers;
  readonly #events = makeEventHeap<Event>();
  readonly #queue: FifoQueue;
  readonly #completion: ReturnType<typeof makeCompletion>;
  readonly #gauges: Gauges;
  readonly #turns: Turns;
  readonly #passers: Passer[] = [];
  #longestWait = 0;
  readonly #waits: Record<WaitCause, number> = {
    sending: 0,
    ramp: 0,
    workers: 0,
    lanes: 0,
    'last chunks': 0,
    visibility: 0,
  };
  #unsent: number;
  #finished = 0;
  #firstMessageAt = Number.POSITIVE_INFINITY;
  #isSlotAwaited = false;

  constructor(planned: FleetScan, work: ScanWork, most: number, seed: Seed) {
    const { id, plan } = planned.scan;
    this.#chunks = plan.geometry.chunks;
    this.#most = most;
    this.#unsent = this.#chunks;
    this.#workers = new Workers(planned, work, seed);
    this.#queue = makeFifoQueue(work.lanes);
    this.#completion = makeCompletion(this.#chunks);
    this.#gauges = makeGauges(id, this.#chunks);
    this.#turns = new Turns(plan, most);
  }

  run(): void {
    this.#events.put(0, { kind: 'turn' });
    let now = 0;
    for (let next = this.#events.nextAt(); next < Number.POSITIVE_INFINITY; next = this.#events.nextAt()) {
      if (this.#finished === 0) this.#waits[this.#waitsFor(now)] += next - now;
      now = next;
      const event = this.#events.take();
      if (event) this.#happen(event, now);
      this.#dispatch(now);
    }
    const missing = this.#chunks - this.#completion.ended();
    if (missing !== 0) throw new Error(`${missing} chunks never ended`);
  }

  result(): FleetRun {
    const { sum, endings, mostAtOnce, oldest } = this.#workers;
    return {
      ...sum,
      chunks: this.#chunks,
      deliveries: Object.values(endings).reduce((all, count) => all + count, 0) - endings['given-up'],
      seconds: this.#finished,
      oldest,
      longestWait: this.#longestWait,
      waits: this.#waits,
      held: this.#workers.held(),
      endings,
      mostWorkers: mostAtOnce,
      sent: this.#turns.sent(),
      peaks: this.#gauges.peaks(),
    };
  }

  #happen(event: Event, now: number): void {
    switch (event.kind) {
      case 'turn':
        this.#takeTurn(now);
        break;
      case 'sent':
        this.#send(event.sending, now);
        break;
      case 'ended':
        this.#end(event.delivery, now);
        break;
      case 'visible':
        this.#reappear(event.message, now);
        break;
      case 'slot':
        this.#isSlotAwaited = false;
        break;
      default:
        event satisfies never;
    }
  }

  #takeTurn(now: number): void {
    const { sendings, nextAt } = this.#turns.take(now, {
      ended: this.#completion.ended(),
      workerSeconds: this.#workers.sum.workerSeconds,
    });
    for (const sending of sendings) this.#events.put(sending.at, { kind: 'sent', sending });
    if (nextAt !== null) this.#events.put(nextAt, { kind: 'turn' });
  }

  #send({ first, count }: Sending, now: number): void {
    this.#firstMessageAt = Math.min(this.#firstMessageAt, now);
    this.#unsent -= count;
    this.#gauges.sent(now);
    for (let chunk = first; chunk < first + count; chunk++) this.#queue.send(chunk, now);
    this.#passers.push({ order: this.#queue.sent(), at: now });
  }

  #end(delivery: SimulatedDelivery, now: number): void {
    const { message, ending, isEchoed } = delivery;
    this.#gauges.ends(delivery);
    this.#workers.end(delivery);
    if (ending === 'done' || ending === 'repeat') this.#complete(message.chunk, now);
    if (ending === 'crash' || isEchoed) {
      this.#events.put(visibleAgainAt(delivery), { kind: 'visible', message });
      return;
    }
    // What is left of a chunk goes on as a new message, behind what waits in its lane.
    if (ending === 'put-back') this.#queue.send(message.chunk, now);
    this.#queue.remove(message);
  }

  #reappear(message: Message, now: number): void {
    if (this.#workers.afterVisibility(message) === 'again') {
      this.#queue.giveBack(message);
      return;
    }
    this.#complete(message.chunk, now);
    this.#queue.remove(message);
  }

  #complete(chunk: number, now: number): void {
    for (const node of this.#completion.add(chunk)) {
      this.#workers.sum.writeUnits += 1;
      if (node.level === 1) this.#gauges.added(node.index, now);
    }
    if (this.#finished === 0 && this.#completion.isFull()) this.#finished = now;
  }

  /** Hands out what is ready, as far as the event source has slots. */
  #dispatch(now: number): void {
    const slots = this.#slots(now);
    while (this.#workers.running < slots) {
      const message = this.#queue.take();
      this.#letPass(message?.order ?? Number.POSITIVE_INFINITY, now);
      if (!message) return;
      const delivery = this.#workers.begin(message, now);
      this.#gauges.begins(delivery, now);
      this.#events.put(now + delivery.paid + POLL_GAP_SECONDS, { kind: 'ended', delivery });
    }
    if (this.#queue.ready() === 0 || slots >= this.#most || this.#isSlotAwaited) return;
    this.#isSlotAwaited = true;
    this.#events.put(this.#firstMessageAt + slotOpensAt(slots) + ROUNDING_SECONDS, { kind: 'slot' });
  }

  /** The chunk of another scan that was sent before that message would have its worker now. */
  #letPass(order: number, now: number): void {
    let first = this.#passers[0];
    for (; first && first.order <= order; first = this.#passers[0]) {
      this.#longestWait = Math.max(this.#longestWait, now - first.at);
      this.#passers.shift();
    }
  }

  #waitsFor(now: number): WaitCause {
    if (this.#queue.ready() > 0) return this.#slots(now) < this.#most ? 'ramp' : 'workers';
    if (this.#unsent > 0) return 'sending';
    if (this.#queue.behind() > 0 && this.#workers.running > 0) return 'lanes';
    return this.#workers.running > 0 ? 'last chunks' : 'visibility';
  }

  #slots(now: number): number {
    return slotsAt(now - this.#firstMessageAt, this.#most);
  }
}
