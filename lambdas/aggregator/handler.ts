import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { scanId } from '../../shared/domain/units.ts';
import type { Log } from '../../shared/seams/log.ts';
import { type AggregateDeps, aggregateOrFail } from '../../shared/usecases/aggregate-scan.ts';
import { ALL_DONE, deliverAgain } from '../batch-response.ts';
import { errorFields } from '../json-log.ts';

export interface AggregatorDeps extends AggregateDeps {
  readonly log: Log;
}

/** Ends the scans that the table's stream says have gone from `running` to `finalizing`; the stream is filtered to those. */
export function makeHandler({
  log,
  ...deps
}: AggregatorDeps): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }) => {
    for (const { dynamodb } of Records) {
      const id = scanId(dynamodb?.Keys?.['pk']?.S ?? '');
      if (!id) continue;
      try {
        await aggregateOrFail(deps, id);
        log.info('scan-aggregated', { scan: id });
      } catch (error) {
        log.warn('aggregation-failed', { scan: id, ...errorFields(error) });
        // A stream goes on in order: from here all is delivered again.
        return deliverAgain([dynamodb?.SequenceNumber ?? '']);
      }
    }
    return ALL_DONE;
  };
}
