/**
 * What AWS says of itself, each number with where it stands. Where AWS says nothing, the line says "assumed".
 * None of it was measured in an account.
 */

/**
 * Lambda's event source on SQS starts with 5 invocations at once and adds up to 300 a minute while messages wait (Lambda
 * developer guide, "Configuring scaling behavior for SQS event source mappings"). The page says it of standard queues;
 * of FIFO queues only that they scale to the number of active message groups. Assumed: the same ramp.
 */
export const FIRST_INVOCATIONS = 5;
export const MORE_INVOCATIONS_PER_SECOND = 300 / 60;

/** Invocations at once of all functions of an account, unless it asked for more; a new one has 10 (Lambda quotas). */
export const ACCOUNT_CONCURRENCY = 1_000;

/** Between the end of an invocation and the next on the same slot: a delete and a receive. Assumed. */
export const POLL_GAP_SECONDS = 0.03;

/** Init of Node with two SDK clients, well bundled: 375 ms were published for three; how far it strays is assumed. */
export const COLD_START_SECONDS = { median: 0.375, sigma: 0.3 } as const;

/** One call of SQS or DynamoDB from within the region; shared/domain/limits counts with the same. */
export const CALL_SECONDS = 0.01;

/** A function has a whole CPU at 1,769 MB, and its share of one below (Lambda developer guide, "Configure memory"). */
export const MB_PER_CPU = 1_769;

/** A partition takes 1,000 write units and gives 3,000 read units a second; no item can be on two (DynamoDB guide). */
export const PARTITION_WRITE_UNITS = 1_000;
export const PARTITION_READ_UNITS = 3_000;

/** A new on-demand table takes 4,000 write units a second: four partitions (DynamoDB guide, "warm throughput"). */
export const NEW_TABLE_PARTITIONS = 4;

/** Bytes of a unit of a strongly consistent read. */
export const READ_UNIT_BYTES = 4_096;

/**
 * Calls a second of one action on one partition of a FIFO queue (SQS quotas). In high-throughput mode SQS adds
 * partitions by itself, up to 70,000 calls in the largest regions. Assumed: a queue that was quiet begins with one.
 */
export const FIFO_CALLS_PER_SECOND = 300;

/** From the write that ends a scan to the aggregator's start: a stream is polled four times a second. */
export const STREAM_SECONDS = 0.5;

/** Prices that `LIST_PRICES` does not have: us-east-1, November 2026, in US dollars. */
export const MORE_PRICES = {
  perStandardQueueRequest: 0.4e-6,
  perReadUnit: 0.125e-6,
  perApiRequest: 1e-6,
  perLogByte: 0.5 / 1e9,
} as const;
