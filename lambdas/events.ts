/** What Lambda hands to a handler, as far as ours read it. */

export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string; readonly MessageGroupId?: string };
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** Which records are to be delivered again; all others are deleted, or passed, by Lambda. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export const ALL_DONE: BatchResponse = { batchItemFailures: [] };
export const againFor = (identifiers: readonly string[]): BatchResponse => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

export interface StreamRecord {
  readonly dynamodb: { readonly SequenceNumber: string; readonly Keys: { readonly pk: { readonly S: string } } };
}

export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}
