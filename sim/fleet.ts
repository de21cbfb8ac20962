import {
  CHUNK_VISIBILITY_SECONDS,
  MAX_DELIVERIES,
  WORKER_SECONDS,
  WORKER_WRITE_SECONDS,
} from '../shared/domain/limits.ts';
import type { Seed } from '../shared/domain/units.ts';
import { CALL_SECONDS, COLD_START_SECONDS, POLL_GAP_SECONDS } from './aws.ts';
import { makeCompletion } from './completion.ts';
import { makeDraws } from './draws.ts';
import { makeEventHeap } from './event-heap.ts';
import { type Message, makeFifoQueue } from './fifo-queue.ts';
import { type Flow, makeGauges } from './gauges.ts';
import { slotOpensAt, slotsAt } from './ramp.ts';
import { coverageUnits, findingUnits } from './records.ts';
import type { Ending, FleetRun, FleetScan, Wait } from './run.ts';
import { type Sending, sendChunks } from './sending.ts';
import { HOLDS, type Hold } from './sweep-time.ts';
import type { Works } from './works.ts';

/** One invocation of a worker, until it has ended. */
interface Delivery extends Flow {
  readonly kind: 'ended';
  readonly message: Message;
  readonly began: number;
  readonly ending: Ending;
  /** It ended well, and its message comes again all the same. */
  readonly isEchoed: boolean;
}

type Event =
  | { readonly kind: 'sent'; readonly sending: Sending }
  | { readonly kind: 'slot' }
  | Delivery
  | { readonly kind: 'visible'; readonly message: Message };

/** How long a delivery asks, and how it ends. */
interface Fate extends Pick<Delivery, 'ending' | 'isEchoed'> {
  readonly seconds: number;
}

/** Deliveries of one chunk that have draws of their own; later ones draw as the last. */
const DRAWN_DELIVERIES = 8;

/** Calls before the first ask: the scan and the last coverage. After the last one: findings, coverage, the tree. */
const READ_SECONDS = 2 * CALL_SECONDS;
const WRITE_SECONDS = 3 * CALL_SECONDS;

/** What a worker may ask for: its time, less what it keeps for writing. */
const MOST_SECONDS = WORKER_SECONDS - WORKER_WRITE_SECONDS - READ_SECONDS;

/** A hair later than it is due, so that rounding never finds a slot still shut. */
const HAIR = 1e-9;

const at = (numbers: Float64Array | Uint16Array | Uint8Array, place: number): number => numbers[place] ?? 0;

/**
 * Runs a scan through the queue and `workers` workers, over virtual time, from the request to the last chunk's end. The
 * seed decides which functions die; what the chunks meet is in `works`.
 */
export function runFleet({ scan, meeting, scanUnits }: FleetScan, works: Works, workers: number, seed: Seed): FleetRun {
  const { chunks } = scan.plan.geometry;
  const drawsOf = makeDraws(seed);
  const events = makeEventHeap<Event>();
  const queue = makeFifoQueue(works.lanes);
  const completion = makeCompletion(chunks);
  const gauges = makeGauges(scan.id, chunks);
  const waits: Record<Wait, number> = { sending: 0, ramp: 0, workers: 0, lanes: 0, 'last chunks': 0, visibility: 0 };
  const held = new Float64Array(HOLDS.length);
  const endings: Record<Ending, number> = { done: 0, 'put-back': 0, crash: 0, repeat: 0, 'given-up': 0 };
  const sum = { probes: 0, asks: 0, open: 0, workerSeconds: 0, writeUnits: 0, readUnits: 0, coldStarts: 0 };
  /** Seconds of asking that are left of each chunk, and how often it was delivered. */
  const left = new Float64Array(chunks);
  const runs = new Uint16Array(chunks);
  let [running, warm, mostWorkers, unsent] = [0, 0, 0, chunks];
  let [finished, lastDelivered, freeAt] = [0, 0, 0];
  let firstMessageAt = Number.POSITIVE_INFINITY;
  let isSlotAwaited = false;

  function fateOf(chunk: number): Fate {
    const draws = drawsOf(chunk * DRAWN_DELIVERIES + Math.min(at(runs, chunk), DRAWN_DELIVERIES - 1));
    const { crashes, duplicates } = meeting.world;
    const wanted = at(left, chunk);
    if (wanted === 0) return { seconds: 0, ending: 'repeat', isEchoed: false };
    const [seconds, fate] = [Math.min(wanted, MOST_SECONDS), draws.uniform()];
    if (fate < crashes) return { seconds: seconds * draws.uniform(), ending: 'crash', isEchoed: false };
    if (wanted > MOST_SECONDS) return { seconds, ending: 'put-back', isEchoed: false };
    return { seconds, ending: 'done', isEchoed: fate < crashes + duplicates };
  }

  function meet(chunk: number, now: number): void {
    lastDelivered = now;
    left[chunk] = at(works.seconds, chunk);
    sum.probes += at(works.probes, chunk);
    sum.open += at(works.open, chunk);
  }

  function begin(message: Message, now: number): void {
    const { chunk } = message;
    if (runs[chunk] === 0) meet(chunk, now);
    const { seconds, ending, isEchoed } = fateOf(chunk);
    const init = initSeconds(chunk);
    runs[chunk] = at(runs, chunk) + 1;
    message.deliveries += 1;
    const share = seconds / at(works.seconds, chunk);
    const asks = at(works.asks, chunk) * share;
    const units =
      coverageUnits(at(works.probes, chunk), seconds) + findingUnits(at(works.open, chunk) * share, seconds);
    const paid = init + READ_SECONDS + seconds + (ending === 'crash' ? 0 : WRITE_SECONDS);
    running += 1;
    mostWorkers = Math.max(mostWorkers, running);
    sum.workerSeconds += paid;
    sum.writeUnits += units;
    sum.readUnits += scanUnits + 1;
    sum.asks += asks;
    held[at(works.heldBy, chunk)] = at(held, at(works.heldBy, chunk)) + seconds;
    left[chunk] = leftAfter(at(left, chunk), seconds, ending, at(works.longestWait, chunk));
    const [perSecond, writeUnits] = [asks / paid, units / paid];
    const delivery: Delivery = {
      kind: 'ended',
      message,
      began: now,
      ending,
      isEchoed,
      chunk,
      asks: perSecond,
      writeUnits,
    };
    gauges.begins(delivery, now);
    events.put(now + paid + POLL_GAP_SECONDS, delivery);
  }

  function initSeconds(chunk: number): number {
    if (warm > 0) {
      warm -= 1;
      return 0;
    }
    sum.coldStarts += 1;
    return drawsOf(chunks * DRAWN_DELIVERIES + chunk).lognormal(COLD_START_SECONDS);
  }

  function end(delivery: Delivery, now: number): void {
    const { message, began, ending, isEchoed } = delivery;
    gauges.ends(delivery);
    endings[ending] += 1;
    running -= 1;
    if (ending !== 'crash') warm += 1;
    if (ending === 'done' || ending === 'repeat') settle(message.chunk, now);
    if (ending === 'crash' || isEchoed) {
      events.put(began + CHUNK_VISIBILITY_SECONDS, { kind: 'visible', message });
      return;
    }
    // What is left of a chunk goes on as a new message, behind what waits in its lane.
    if (ending === 'put-back') queue.send(message.chunk);
    queue.remove(message);
  }

  /** A message that was in dead hands. Too often delivered, its function for dead letters ends the chunk as failed. */
  function reappear(message: Message, now: number): void {
    if (message.deliveries < MAX_DELIVERIES) {
      queue.giveBack(message);
      return;
    }
    // One that had done its work only repeats, as a dead letter too.
    if (at(left, message.chunk) > 0) endings['given-up'] += 1;
    settle(message.chunk, now);
    queue.remove(message);
  }

  function settle(chunk: number, now: number): void {
    for (const node of completion.add(chunk)) {
      sum.writeUnits += 1;
      if (node.level === 1) gauges.added(node.index, now);
    }
    if (finished === 0 && completion.isFull()) finished = now;
  }

  function send({ first, count }: Sending, now: number): void {
    firstMessageAt = Math.min(firstMessageAt, now);
    unsent -= count;
    gauges.sent(now);
    for (let chunk = first; chunk < first + count; chunk++) queue.send(chunk);
  }

  /** Hands out what is ready, as far as the event source has slots. */
  function dispatch(now: number): void {
    const slots = slotsAt(now - firstMessageAt, workers);
    while (running < slots) {
      const message = queue.take();
      if (!message) {
        if (unsent === 0 && freeAt === 0) freeAt = now;
        return;
      }
      begin(message, now);
    }
    if (queue.ready() === 0 || slots >= workers || isSlotAwaited) return;
    isSlotAwaited = true;
    events.put(firstMessageAt + slotOpensAt(slots) + HAIR, { kind: 'slot' });
  }

  function waitsFor(now: number): Wait {
    if (queue.ready() > 0) return slotsAt(now - firstMessageAt, workers) < workers ? 'ramp' : 'workers';
    if (unsent > 0) return 'sending';
    if (queue.behind() > 0 && running > 0) return 'lanes';
    return running > 0 ? 'last chunks' : 'visibility';
  }

  function happen(event: Event, now: number): void {
    switch (event.kind) {
      case 'sent':
        send(event.sending, now);
        break;
      case 'ended':
        end(event, now);
        break;
      case 'visible':
        reappear(event.message, now);
        break;
      case 'slot':
        isSlotAwaited = false;
        break;
      default:
        event satisfies never;
    }
  }

  const sent = sendChunks(chunks);
  for (const sending of sent.sendings) events.put(sending.at, { kind: 'sent', sending });
  let now = 0;
  for (let next = events.nextAt(); next < Number.POSITIVE_INFINITY; next = events.nextAt()) {
    if (finished === 0) waits[waitsFor(now)] += next - now;
    now = next;
    const event = events.take();
    if (event) happen(event, now);
    dispatch(now);
  }
  if (completion.ended() !== chunks) throw new Error(`${chunks - completion.ended()} chunks never ended`);
  const deliveries = Object.values(endings).reduce((all, count) => all + count, 0) - endings['given-up'];
  return {
    ...sum,
    chunks,
    deliveries,
    seconds: finished,
    lastDelivered,
    freeAt,
    waits,
    held: Object.fromEntries(HOLDS.map((hold, place) => [hold, at(held, place)])) as Record<Hold, number>,
    endings,
    mostWorkers,
    sent,
    peaks: gauges.peaks(),
  };
}

/** Asks under way when a worker stops were for nothing, and a crash loses what no checkpoint has. */
function leftAfter(left: number, seconds: number, ending: Ending, longestWait: number): number {
  switch (ending) {
    case 'put-back':
      return left - (seconds - longestWait);
    case 'crash':
      return left - Math.max(0, Math.floor(seconds) - longestWait);
    default:
      return 0;
  }
}
