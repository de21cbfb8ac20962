import { FUNCTION_SIZES } from '../cdk/function-sizes.ts';
import { CHUNKS_PER_PARTITION } from '../lambdas/aws/dynamo/keys.ts';
import { recordUnits, WRITE_UNIT_BYTES } from '../shared/plan/record-units.ts';
import { CALL_SECONDS, COLD_START_SECONDS, MB_PER_CPU, READ_UNIT_BYTES, STREAM_SECONDS } from './aws-figures.ts';
import type { FleetRun } from './fleet-run.ts';

/** The end of a scan: what the aggregator takes when the last chunk has ended. */
export interface Aggregation {
  /** From the last chunk's end to the report. */
  readonly seconds: number;
  /** What the function is paid for. */
  readonly paidSeconds: number;
  readonly readUnits: number;
}

/**
 * CPU of `summarise` over records as the table has them, measured on one core of the bench's machine: 0.61 s for 1,000
 * chunks of 5 × 1,000 probes, 1.21 s for 1,000 chunks of 4,195 addresses with one port each.
 */
const CPU_SECONDS_A_PROBE = 110e-9;
const CPU_SECONDS_AN_ADDRESS = 180e-9;
const CPU_SECONDS_A_CHUNK = 60e-6;

/** It reads a partition of 32 chunks with one query, and the next one while it looks at this one. */
export function aggregation(run: FleetRun, addresses: number): Aggregation {
  const cpu = run.probes * CPU_SECONDS_A_PROBE + addresses * CPU_SECONDS_AN_ADDRESS + run.chunks * CPU_SECONDS_A_CHUNK;
  const share = Math.min(1, FUNCTION_SIZES.aggregator.memoryMb / MB_PER_CPU);
  const queries = Math.ceil(run.chunks / CHUNKS_PER_PARTITION);
  const paidSeconds = COLD_START_SECONDS.median + Math.max(cpu / share, queries * CALL_SECONDS);
  const bytes = run.chunks * recordUnits(run.probes / run.chunks) * WRITE_UNIT_BYTES;
  return {
    seconds: STREAM_SECONDS + paidSeconds,
    paidSeconds,
    readUnits: queries + Math.ceil(bytes / READ_UNIT_BYTES),
  };
}
