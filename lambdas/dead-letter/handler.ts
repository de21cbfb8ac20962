import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { readChunkMessage } from '../aws/queue-messages.ts';
import { ALL_DONE, deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';
import type { Metrics } from '../metrics.ts';

export interface DeadLetterDeps {
  readonly store: ScanStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Ends the chunks whose every delivery failed, so that their scans can end: with gaps, which the report names. What is
 * no message of ours is told to the log and forgotten; what cannot be written now is delivered again, without end.
 */
export function makeHandler({ log, metrics, ...deps }: DeadLetterDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    for (const [place, { body, messageId }] of Records.entries()) {
      const message = readChunkMessage(body);
      const about = { message: messageId, scan: message?.scanId ?? null, chunk: message?.chunk ?? null };
      try {
        if (message) await failChunk(deps, message);
        log.warn('chunk-given-up', about);
        metrics.count({ ChunksGivenUp: 1 });
      } catch (error) {
        log.warn('dead-letter-failed', { ...about, ...errorFields(error) });
        return deliverAgain(Records.slice(place).map((each) => each.messageId));
      }
    }
    return ALL_DONE;
  };
}
