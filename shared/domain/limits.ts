/**
 * Numbers that several parts must agree on, each with the sum it comes from. cdk reads them too.
 */

/** Fan-in of the completion tree: 256 slots keep a DynamoDB item under 1 KB, so that an ADD costs one write unit. */
export const COMPLETION_FAN_IN = 256;

/** Probes of one scan at the most: 10⁶ chunks, which a splitter of depth 3 can send out, of 1,000 probes. */
export const MAX_PROBES_PER_SCAN = 1_000_000_000;

/** Deliveries of one chunk before it is given up: a worker may die under it four times without a gap in the report. */
export const MAX_DELIVERIES = 5;
