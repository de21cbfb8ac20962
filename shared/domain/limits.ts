import { millis } from './units.ts';

/**
 * Numbers that several parts must agree on, each with the sum it comes from. cdk reads them too.
 */

/** Fan-in of the completion tree: 256 slots keep a DynamoDB item under 1 KB, so that an ADD costs one write unit. */
export const COMPLETION_FAN_IN = 256;

/** Probes of one scan at the most: 10⁶ chunks of 1,000 probes, whose completion tree has three levels. */
export const MAX_PROBES_PER_SCAN = 1_000_000_000;

/**
 * Deliveries of one chunk in a row that settle nothing, before it is given up: a worker may die under it four times
 * without a gap in the report. One that settles something begins the count again.
 */
export const MAX_DELIVERIES = 5;

/**
 * How often a queue hands out one message, at the most: all that SQS takes. It says nothing of a chunk, because one that
 * settles something is delivered again as well, and a message that a throttled function did not take counts too; the
 * record of the chunk counts its deliveries instead.
 */
export const MAX_RECEIVES = 1_000;

/**
 * Bytes of a request's body. 64 KiB hold 4,000 IPv4 targets with their quotes and commas; a plan stores each of them as
 * two ends of a range and once more as written, some 70 bytes, which stays under the 400 KB of a DynamoDB item.
 */
export const MAX_BODY_BYTES = 65_536;

/**
 * Separate ranges that one target list of a body may come to. A plan stores each as two addresses, some 45 bytes: of
 * targets and exclusions together 370 KB at the most, under the 400 KB of a DynamoDB item.
 */
export const MAX_RANGES_OF_BODY = 4_096;

/** How long an Idempotency-Key is remembered, in milliseconds: a client that was away over night may still try again. */
export const KEY_LIFETIME = 24 * 3_600_000;

/** How long a worker function may run, in seconds: a chunk that takes longer goes on in the next one. */
export const WORKER_SECONDS = 30;

/** Until a worker sends its first probe: a cold start of half a second, and reading the scan and the last checkpoint. */
export const WORKER_START_SECONDS = 1;

/** What a worker keeps for writing: eight calls of some 10 ms one after the other, one of them tried three times (1.5 s). */
export const WORKER_WRITE_SECONDS = 5;

/**
 * Sockets of a worker function, out of the 1,024 descriptors that Lambda gives: Node holds 20, the two AWS clients
 * 16 each, the runtime interface 2, the resolver 3; the rest is a reserve.
 */
export const WORKER_SOCKETS = 900;

/** A silent port is probed twice, and T3 waits a second each time. */
const SECONDS_OF_A_SILENT_PORT = 2;

/** A lane is held to its share of the rate, which may be as little as half of what its sockets could send. */
const SHARE_OF_A_LANE = 0.5;

/** 5,400: probes that one worker function can settle in its time even when nothing answers. */
export const WORKER_PROBES =
  ((WORKER_SOCKETS * (WORKER_SECONDS - WORKER_START_SECONDS - WORKER_WRITE_SECONDS)) / SECONDS_OF_A_SILENT_PORT) *
  SHARE_OF_A_LANE;

/**
 * Probes per second below which a worker function might not get to probe twice in its time. Who may wait longer than a
 * function lives cannot be held to a rate by functions: -T0 probes once in five minutes, -T1 four times a minute.
 */
export const SLOWEST_FLEET_RATE = 2 / (WORKER_SECONDS - WORKER_START_SECONDS - WORKER_WRITE_SECONDS);

/**
 * How long a delivered message stays invisible, in seconds: AWS wants six times what the function may run, so that a
 * message that waits for a throttled function is not delivered twice.
 */
export const CHUNK_VISIBILITY_SECONDS = 6 * WORKER_SECONDS;

/** A worker that has begun claims its message for as long as it may live, and so long more: so much a dead one costs. */
export const CLAIM_MARGIN_SECONDS = 5;

/**
 * How often a worker function writes what it found, in milliseconds: each write is paid for, and whoever follows a fleet
 * looks no more often.
 */
export const FLEET_FLUSH_EVERY = millis(1_000);

/** Chunks that one turn of a scan sends out: 100 calls of SQS at some 10 ms, a second of the 29 that a request may take. */
export const CHUNKS_PER_TURN = 1_000;

/**
 * Memory of a worker function, in MB, which its share of a CPU grows with: with 0.14 of one it judges 2,300 answers a
 * second, where a silent network asks for 900 attempts and a host at -T3 for 750 of it. It takes 93 MB at the most
 * (docs/cost.md has the table).
 */
export const WORKER_MEMORY_MB = 256;

/** API Gateway gives up after so many seconds, whatever the function does. */
export const API_SECONDS = 29;
