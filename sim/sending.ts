import { SPLITTERS } from '../cdk/function-sizes.ts';
import { MESSAGES_PER_CALL } from '../lambdas/aws/sqs-senders.ts';
import { CHUNKS_PER_SENDING } from '../shared/domain/limits.ts';
import { cutRange } from '../shared/plan/cut-range.ts';
import { CALL_SECONDS, COLD_START_SECONDS, POLL_GAP_SECONDS } from './aws-figures.ts';
import { makeEventHeap } from './event-heap.ts';
import { slotOpensAt } from './ramp.ts';

/** Messages that one call puts on the queue, and when they are there. */
export interface Sending {
  readonly at: number;
  readonly first: number;
  readonly count: number;
}

/** How the chunks of a scan come onto the queue, and what that takes. */
export interface Sent {
  readonly sendings: readonly Sending[];
  /** When the last chunk is on the queue. */
  readonly until: number;
  /** Seconds until the API answers. */
  readonly apiSeconds: number;
  readonly splits: number;
  readonly splitterSeconds: number;
  /** Requests of the queue of ranges: sends in tens, a receive and a delete for each range. */
  readonly rangeRequests: number;
}

/** Calls of the API before it sends: the account, two entries and the scan itself, its change to running. */
const CALLS_BEFORE_SENDING = 6;

const callsFor = (messages: number): number => Math.ceil(messages / MESSAGES_PER_CALL);

/**
 * Follows `startScan` and `splitRange` over time: what fits one sending goes out from the API, the rest as ranges, which
 * up to 20 splitters cut until each is a sending.
 */
export function sendChunks(chunks: number): Sent {
  const sendings: Sending[] = [];
  const apiStart = CALLS_BEFORE_SENDING * CALL_SECONDS;
  if (chunks <= CHUNKS_PER_SENDING) {
    const until = sendAll({ first: 0, count: chunks }, apiStart, sendings);
    return { sendings, until, apiSeconds: until, splits: 0, splitterSeconds: 0, rangeRequests: 0 };
  }
  const ranges = cutRange({ first: 0, count: chunks });
  const apiSeconds = apiStart + callsFor(ranges.length) * CALL_SECONDS;
  return { sendings, apiSeconds, ...split(ranges, apiSeconds, sendings) };
}

function sendAll({ first, count }: Pick<Sending, 'first' | 'count'>, start: number, sendings: Sending[]): number {
  const each = MESSAGES_PER_CALL;
  let at = start;
  for (let done = 0; done < count; done += each) {
    at += CALL_SECONDS;
    sendings.push({ at, first: first + done, count: Math.min(each, count - done) });
  }
  return at;
}

type Range = Pick<Sending, 'first' | 'count'>;

function split(ranges: readonly Range[], start: number, sendings: Sending[]): Omit<Sent, 'sendings' | 'apiSeconds'> {
  const waiting = [...ranges];
  const free = makeEventHeap<'splitter'>();
  for (let slot = 0; slot < SPLITTERS; slot++) free.put(start + slotOpensAt(slot), 'splitter');
  const cutLater = makeEventHeap<readonly Range[]>();
  const used = { splits: 0, splitterSeconds: 0, rangeRequests: callsFor(ranges.length), until: start };
  for (;;) {
    const slotAt = free.nextAt();
    if (free.take() === undefined) break;
    if (waiting.length === 0) {
      // Whoever is free waits for what the others are cutting.
      const cutAt = cutLater.nextAt();
      const pieces = cutLater.take();
      if (!pieces) break;
      waiting.push(...pieces);
      free.put(Math.max(slotAt, cutAt), 'splitter');
      continue;
    }
    const range = waiting.shift() as Range;
    const cold = used.splits < SPLITTERS ? COLD_START_SECONDS.median : 0;
    const begin = slotAt + cold + CALL_SECONDS;
    const pieces = cutRange(range);
    const end = pieces.length > 1 ? begin + callsFor(pieces.length) * CALL_SECONDS : sendAll(range, begin, sendings);
    if (pieces.length > 1) cutLater.put(end, pieces);
    used.splits += 1;
    used.splitterSeconds += end - slotAt;
    used.rangeRequests += 2 + (pieces.length > 1 ? callsFor(pieces.length) : 0);
    used.until = Math.max(used.until, end);
    free.put(end + POLL_GAP_SECONDS, 'splitter');
  }
  return used;
}
