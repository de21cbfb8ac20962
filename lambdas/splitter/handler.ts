import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Log } from '../../shared/seams/log.ts';
import { type TurnDeps, takeTurn } from '../../shared/usecases/send-turn.ts';
import { readChunkRange } from '../aws/queue-messages.ts';
import type { RecordQueue } from '../aws/sqs-senders.ts';
import { deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';
import { pauseAfter } from '../pause.ts';

export interface SplitterDeps extends TurnDeps {
  /** The queue that the ranges come from. */
  readonly source: Pick<RecordQueue, 'hide'>;
  readonly random: () => number;
  readonly log: Log;
}

/** Sends the chunks of a scan, turn by turn. A range that fails for good is made good by the sweeper. */
export function makeHandler({
  log,
  source,
  random,
  ...deps
}: SplitterDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    const failed: string[] = [];
    for (const record of Records) {
      const range = readChunkRange(record.body);
      try {
        if (!range) throw new Error('the message is not one of ours');
        await takeTurn(range, deps);
        log.info('turn-taken', { scan: range.scanId, first: range.first, count: range.count });
      } catch (error) {
        log.warn('range-failed', { message: record.messageId, ...errorFields(error) });
        failed.push(record.messageId);
        // Sooner than its visibility is over: meanwhile the fleet has only what is on the queue.
        await Promise.allSettled([
          source.hide(record, pauseAfter(Number(record.attributes.ApproximateReceiveCount), random)),
        ]);
      }
    }
    return deliverAgain(failed);
  };
}
