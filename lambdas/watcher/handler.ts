import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Scan } from '../../shared/domain/scan.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { type ScanId, scanId, type WatchId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type AdvanceDeps, advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { type DeliverDeps, deliverMessage, deliverMessages } from '../../shared/usecases/deliver-messages.ts';
import { DELIVERIES_PREFIX, watchOfPartition } from '../aws/dynamo/keys.ts';
import type { ScanLinks } from '../aws/dynamo/scan-links.ts';
import { ALL_DONE, deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';

export interface WatcherDeps extends AdvanceDeps, DeliverDeps {
  readonly store: Pick<ScanStore, 'readScan'>;
  readonly links: Pick<ScanLinks, 'read'>;
  /** Tells the account that a scan is over; null where that is not wanted. */
  readonly announce: ((scan: Scan) => Promise<void>) | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** What Lambda says of the invocation. */
interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** An event of the schedule has no records. */
export type WatcherEvent = Partial<DynamoDBStreamEvent>;

/**
 * What starts it:
 *
 *   every minute             begins the runs and rounds that are due, judges scans that are over, tries messages again
 *   a scan is over           announces it, and goes on with the watch that it belongs to
 *   a delivery was written   tries it, without waiting for the minute
 *
 * Each may come twice, at once, or not at all: the minute finds whatever the others have missed.
 */
export function makeHandler(
  deps: WatcherDeps,
): (event: WatcherEvent, context: InvocationContext) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }, context) => {
    if (!Records) {
      await lookAtAll(deps, context);
      return ALL_DONE;
    }
    for (const record of Records) {
      try {
        await hear(deps, record);
      } catch (error) {
        deps.log.warn('watcher-failed', errorFields(error));
        // A stream goes on in order: from here all is delivered again.
        return deliverAgain([record.dynamodb?.SequenceNumber ?? '']);
      }
    }
    return ALL_DONE;
  };
}

/** Watches seen to in one look, found by one query; what is left over is the longest due at the next. */
const MOST_AT_A_LOOK = 1_000;

/** Watches advanced side by side: each is a few calls of the table, and now and then the report of a scan. */
const AT_ONCE = 16;

/** The longest that a receiver is waited for, and what is written after it. */
const TO_DELIVER = 30_000;

async function lookAtAll(deps: WatcherDeps, context: InvocationContext): Promise<void> {
  const due = [...(await deps.watches.dueWatches(deps.clock.wall(), MOST_AT_A_LOOK))];
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let id = due.shift(); id && context.getRemainingTimeInMillis() > TO_DELIVER; id = due.shift()) {
      if (!(await advanceSafely(deps, id))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, work));
  while (context.getRemainingTimeInMillis() > TO_DELIVER && (await deliverMessages(deps)) > 0);
  // The alarm looks at failed invocations; this one is not repeated, because the next minute does.
  if (failed > 0) throw new Error(`${failed} watches could not be advanced.`);
}

/** One watch that cannot be advanced must not keep the others from it. */
async function advanceSafely(deps: WatcherDeps, id: WatchId): Promise<boolean> {
  try {
    await advanceWatch(id, deps);
    return true;
  } catch (error) {
    deps.log.warn('watch-failed', { watch: id, ...errorFields(error) });
    return false;
  }
}

async function hear(deps: WatcherDeps, { dynamodb }: DynamoDBRecord): Promise<void> {
  const [pk = '', sk = ''] = [dynamodb?.Keys?.['pk']?.S, dynamodb?.Keys?.['sk']?.S];
  const scan = sk === 'scan' ? scanId(pk) : undefined;
  if (scan) await scanEnded(deps, scan);
  else if (sk.startsWith(DELIVERIES_PREFIX)) {
    const delivery = await deps.watches.readDelivery(watchOfPartition(pk), sk.slice(DELIVERIES_PREFIX.length));
    if (delivery?.state === 'waiting' && delivery.nextTryAt <= deps.clock.wall()) await deliverMessage(delivery, deps);
  }
}

async function scanEnded(deps: WatcherDeps, id: ScanId): Promise<void> {
  const watch = await deps.links.read(id);
  // First, because what was judged may be deleted.
  const scan = deps.announce && (await deps.store.readScan(id));
  if (scan && isOver(scan.status)) await deps.announce?.(scan);
  if (watch) await advanceSafely(deps, watch);
}
