import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { WORKER_WRITE_SECONDS } from '../../shared/domain/limits.ts';
import type { ChunkMessage, Scan } from '../../shared/domain/scan.ts';
import { type Millis, millis } from '../../shared/domain/units.ts';
import { makeSocketBudget, type SocketBudget } from '../../shared/engine/socket-budget.ts';
import type { EgressRestrictions } from '../../shared/request/egress-restrictions.ts';
import type { Policy } from '../../shared/request/target-policy.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Connector } from '../../shared/seams/connector.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { Resolver } from '../../shared/seams/resolver.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { makeKnownTargets } from '../../shared/usecases/known-targets.ts';
import { type ChunkEnding, runChunk } from '../../shared/usecases/run-chunk.ts';
import { readChunkMessage } from '../aws/queue-messages.ts';
import type { RecordQueue } from '../aws/sqs-senders.ts';
import { ALL_DONE, deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';
import type { MetricName, Metrics } from '../metrics.ts';
import { pauseAfter } from '../pause.ts';

type TimeLeft = Pick<Context, 'getRemainingTimeInMillis'>;

export interface WorkerDeps {
  readonly store: ScanStore;
  readonly queue: RecordQueue;
  readonly prober: Prober;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly egress: EgressRestrictions;
  /** For targets that are in the scope by name. */
  readonly resolver?: Resolver;
  /** Sockets that this process may open. */
  readonly sockets: number;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * What becomes of a delivery:
 *
 *   done ─────────────────────────────────────────────▶ deleted by Lambda
 *   put-back ── sent anew, behind what waits in its lane ─▶ deleted by Lambda
 *   stuck, or an error ── left alone for a while ──────▶ delivered again, for the fifth time to the dead letters
 *
 * A chunk that took more than its time has made progress, which is no failure: it must not use up its deliveries. So
 * it goes on as a new message. If the function dies between sending that and deleting the old one, the old one is
 * delivered first (they are of one group), and what it would send again has the same key.
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
      if (!message) throw new Error('the message is not one of ours');
      const ending = await endingOf(message, context);
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

function makeEnding(deps: WorkerDeps): (message: ChunkMessage, context: TimeLeft) => Promise<ChunkEnding> {
  const targetsOf = makeKnownTargets();
  const budgetOf = ({ plan }: Scan): SocketBudget =>
    makeSocketBudget(Math.min(plan.socketsPerWorker ?? deps.sockets, deps.sockets));
  const never = new AbortController().signal;
  const ignore = (): void => {};
  return (message, context) =>
    runChunk(message, {
      ...deps,
      targetsOf,
      budgetOf,
      signal: never,
      deadline: deadlineOf(deps.clock, context),
      onStored: ignore,
      onProgress: ignore,
    });
}

/** When to stop probing: early enough that what was found can still be written. */
const deadlineOf = (clock: Clock, context: TimeLeft): Millis =>
  millis(clock.now() + Math.max(0, context.getRemainingTimeInMillis() - WORKER_WRITE_SECONDS * 1_000));
