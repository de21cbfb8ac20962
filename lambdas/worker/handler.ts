import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { CLAIM_MARGIN_SECONDS, FLEET_FLUSH_EVERY, WORKER_WRITE_SECONDS } from '../../shared/domain/limits.ts';
import type { ChunkMessage, Scan } from '../../shared/domain/scan.ts';
import { type Millis, millis } from '../../shared/domain/units.ts';
import { makeSocketBudget, type SocketBudget } from '../../shared/engine/socket-budget.ts';
import type { EgressRestrictions } from '../../shared/request/egress-restrictions.ts';
import type { Policy } from '../../shared/request/target-policy.ts';
import type { AccountInventory } from '../../shared/seams/account-inventory.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Connector } from '../../shared/seams/connector.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { Resolver } from '../../shared/seams/resolver.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { NameFinder } from '../../shared/usecases/find-names.ts';
import { makeKnownTargets } from '../../shared/usecases/known-targets.ts';
import { type ChunkEnding, runChunk } from '../../shared/usecases/run-chunk.ts';
import { readChunkMessage } from '../aws/queue-messages.ts';
import type { RecordQueue } from '../aws/sqs-senders.ts';
import { ALL_DONE, deliverAgain } from '../batch-response.ts';
import { type MeterDeps, makeMeter } from '../delivery-meter.ts';
import { errorFields } from '../json-log.ts';
import type { MetricName, Metrics } from '../metrics.ts';
import { pauseAfter } from '../pause.ts';

type TimeLeft = Pick<Context, 'getRemainingTimeInMillis'>;

export interface WorkerDeps extends MeterDeps {
  readonly store: ScanStore;
  readonly queue: RecordQueue;
  readonly prober: Prober;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly egress: EgressRestrictions;
  /** For targets that are in the scope by name. */
  readonly resolver?: Resolver;
  /** For scans that want the names of addresses. */
  readonly names?: NameFinder;
  /** For targets that are in the scope because the account has them. */
  readonly account?: AccountInventory;
  /** Sockets that this process may open. */
  readonly sockets: number;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * What becomes of a delivery:
 *
 *   done, given up ────────────────────────────────────▶ deleted by Lambda
 *   put-back ── sent again, behind what waits in its lane ─▶ deleted by Lambda
 *   stuck, or an error ── left alone for a while ───────▶ delivered again; `runChunk` counts how often
 *   no message of ours ─────────────────────────────────▶ deleted by Lambda
 *
 * A chunk that took more than its time has made progress, which is no failure: it goes on as a new message, whose
 * deliveries begin at one. Lambda takes that for a loop of a function that calls itself, and stops it after some 16
 * rounds, unless cdk allows it; what bounds it is the count of deliveries that settled nothing. If the function dies
 * between sending that message and deleting the old one, the old one is delivered first (they are of one group), and
 * what it would send again has the same key.
 */
export function makeHandler(deps: WorkerDeps): (event: SQSEvent, context: TimeLeft) => Promise<SQSBatchResponse> {
  const work = makeWork(deps);
  return async ({ Records }, context) => {
    for (const [place, record] of Records.entries()) {
      if (await work(record, context)) continue;
      // In a FIFO queue nothing may overtake a message that failed.
      const left = Records.slice(place);
      await Promise.allSettled(
        left.map((each) => deps.queue.hide(each, pauseAfter(receiveCountOf(each), deps.random))),
      );
      return deliverAgain(left.map(({ messageId }) => messageId));
    }
    return ALL_DONE;
  };
}

const COUNTED_AS = {
  done: 'ChunksDone',
  'given-up': 'ChunksGivenUp',
  'put-back': 'ChunksPutBack',
  stuck: 'ChunksFailed',
} as const satisfies Record<ChunkEnding, MetricName>;

const receiveCountOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount);

/** Works on one record; false when it is to be delivered again. */
function makeWork(deps: WorkerDeps): (record: SQSRecord, context: TimeLeft) => Promise<boolean> {
  const { queue, log, metrics } = deps;
  const endingOf = makeEnding(deps);
  return async (record, context) => {
    const message = readChunkMessage(record.body);
    const about = { scan: message?.scanId ?? null, chunk: message?.chunk ?? null, delivery: receiveCountOf(record) };
    try {
      if (!message) {
        log.warn('message-dropped', { message: record.messageId });
        metrics.count({ MessagesDropped: 1 });
        return true;
      }
      await claim(queue, record, context);
      const ending = await endingOf(message, receiveCountOf(record), context);
      if (ending === 'put-back') await queue.sendAgain(record);
      log.info('chunk-ended', { ...about, ending, leftMillis: context.getRemainingTimeInMillis() });
      metrics.count({ [COUNTED_AS[ending]]: 1 });
      return ending !== 'stuck';
    } catch (error) {
      log.warn('chunk-failed', { ...about, ...errorFields(error) });
      metrics.count({ ChunksFailed: 1 });
      return false;
    }
  };
}

/**
 * Makes the message visible again soon after this function could still live: if it dies, the chunk waits that long, and
 * not for the minutes that the queue leaves a message with a function that is too busy to take it. SQS refuses it for a
 * delivery that is over, whose message another function may have: this one must not work on it.
 */
async function claim(queue: RecordQueue, record: SQSRecord, context: TimeLeft): Promise<void> {
  const visibility = context.getRemainingTimeInMillis() + CLAIM_MARGIN_SECONDS * 1_000;
  await queue.hide(record, millis(visibility));
}

type Ending = (message: ChunkMessage, receiveCount: number, context: TimeLeft) => Promise<ChunkEnding>;

function makeEnding(deps: WorkerDeps): Ending {
  const targetsOf = makeKnownTargets();
  const budgetOf = ({ plan }: Scan): SocketBudget =>
    makeSocketBudget(Math.min(plan.socketsPerWorker ?? deps.sockets, deps.sockets));
  const never = new AbortController().signal;
  const ignore = (): void => {};
  const meter = makeMeter(deps);
  return async (message, receiveCount, context) => {
    const delivery = meter(message);
    const ending = await runChunk(message, {
      ...deps,
      flushEvery: FLEET_FLUSH_EVERY,
      beforeEnd: () => delivery.add(1),
      receiveCount,
      targetsOf,
      budgetOf,
      signal: never,
      deadline: deadlineOf(deps.clock, context),
      onStored: ignore,
      onProgress: ignore,
    });
    // Done without that end: the scan is over, or gone, and nothing is to be added to it.
    if (ending !== 'done') await delivery.add(0);
    return ending;
  };
}

/** When to stop probing: early enough that what was found can still be written. */
const deadlineOf = (clock: Clock, context: TimeLeft): Millis =>
  millis(clock.now() + Math.max(0, context.getRemainingTimeInMillis() - WORKER_WRITE_SECONDS * 1_000));
