import type { SQSBatchResponse } from 'aws-lambda';

/** Which records are to be delivered again; Lambda deletes, or passes, all others. A stream's source reads the same. */
export const deliverAgain = (identifiers: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

export const ALL_DONE: SQSBatchResponse = deliverAgain([]);
