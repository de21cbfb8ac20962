import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Log } from '../../shared/seams/log.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type SplitDeps, splitRange } from '../../shared/usecases/send-chunks.ts';
import { readChunkRange } from '../aws/queue-messages.ts';
import { deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';

export interface SplitterDeps extends SplitDeps {
  readonly store: Pick<ScanStore, 'readScan'>;
  readonly log: Log;
}

/** Cuts ranges of chunks up, or sends their chunks. A range that fails for good is made good by the sweeper. */
export function makeHandler({ log, ...deps }: SplitterDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    const failed: string[] = [];
    for (const { body, messageId } of Records) {
      const range = readChunkRange(body);
      try {
        if (!range) throw new Error('the message is not one of ours');
        await splitRange(range, deps);
        log.info('range-split', { scan: range.scanId, first: range.first, count: range.count });
      } catch (error) {
        log.warn('range-failed', { message: messageId, ...errorFields(error) });
        failed.push(messageId);
      }
    }
    return deliverAgain(failed);
  };
}
