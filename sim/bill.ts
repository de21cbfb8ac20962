import { FUNCTION_SIZES, type FunctionName, SWEEP_MINUTES } from '../cdk/function-sizes.ts';
import { LONGEST_PAUSE } from '../cli/remote/follow-remote.ts';
import { depthOf, nodesOfLevel, treeShape } from '../shared/plan/completion-tree.ts';
import { LIST_PRICES } from '../shared/plan/estimate-cost.ts';
import { CHUNKS_PER_PAGE } from '../shared/usecases/list-ports.ts';
import { NODES_READ } from '../shared/usecases/read-progress.ts';
import type { Aggregation } from './aggregation.ts';
import { CALL_SECONDS, MORE_PRICES } from './aws-figures.ts';
import type { FleetRun } from './fleet-run.ts';

/** What a scan uses that is paid for. */
export interface BilledUsage {
  readonly invocations: number;
  readonly gbSeconds: number;
  /** Requests of the queue of chunks, and of the standard queue of ranges. */
  readonly chunkRequests: number;
  readonly rangeRequests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly apiRequests: number;
  readonly logBytes: number;
}

/** In US dollars, without free tiers. */
export interface Bill {
  readonly lambda: number;
  readonly sqs: number;
  readonly dynamodb: number;
  /** API Gateway and CloudWatch Logs. */
  readonly other: number;
  readonly total: number;
}

/** A scan's own records: two entries, itself, two changes of its status, the caller's account, the end. */
const SCAN_WRITE_UNITS = 8;

/** docs/cost.md: what a delivery writes into its log. */
const LOG_BYTES_A_DELIVERY = 600;

const gbOf = (name: FunctionName): number => FUNCTION_SIZES[name].memoryMb / 1_024;

/** Nodes of the completion tree. */
export function treeNodes(chunks: number): number {
  const shape = treeShape(chunks);
  return Array.from({ length: depthOf(shape) }, (_, at) => nodesOfLevel(shape, at + 1)).reduce((a, b) => a + b, 0);
}

/** All that the scan made AWS do, from the request to the report; a command that follows it is not in it. */
export function usageOf(run: FleetRun, end: Aggregation): BilledUsage {
  const sweeps = Math.floor((run.seconds + end.seconds) / (SWEEP_MINUTES * 60));
  // A sweep reads the nodes that are not full: half of them, on the average over the scan.
  const sweepReads = sweeps * (2 + treeNodes(run.chunks) / 2);
  const { sent, endings } = run;
  const gbSeconds =
    run.workerSeconds * gbOf('worker') +
    sent.apiSeconds * gbOf('api') +
    sent.splitterSeconds * gbOf('splitter') +
    end.paidSeconds * gbOf('aggregator') +
    sweepReads * CALL_SECONDS * gbOf('sweeper');
  const invocations = run.deliveries + sent.splits + sweeps + 2;
  const putBacks = endings['put-back'];
  return {
    invocations,
    gbSeconds,
    chunkRequests: sent.calls + putBacks + run.deliveries + (run.deliveries - endings.crash),
    rangeRequests: sent.rangeRequests,
    writeUnits: run.writeUnits + SCAN_WRITE_UNITS,
    readUnits: run.readUnits + end.readUnits + sweepReads + sent.readUnits,
    apiRequests: 1,
    logBytes: invocations * LOG_BYTES_A_DELIVERY,
  };
}

export function billFor(usage: BilledUsage): Bill {
  const lambda = usage.invocations * LIST_PRICES.perInvocation + usage.gbSeconds * LIST_PRICES.perGbSecond;
  const sqs =
    usage.chunkRequests * LIST_PRICES.perQueueRequest + usage.rangeRequests * MORE_PRICES.perStandardQueueRequest;
  const dynamodb = usage.writeUnits * LIST_PRICES.perWriteUnit + usage.readUnits * MORE_PRICES.perReadUnit;
  const other = usage.apiRequests * MORE_PRICES.perApiRequest + usage.logBytes * MORE_PRICES.perLogByte;
  return { lambda, sqs, dynamodb, other, total: lambda + sqs + dynamodb + other };
}

/** Requests of one round of a command that follows a scan: how far it is, and a page of its open ports. */
const REQUESTS_A_ROUND = 2;

/**
 * What a command costs that follows the scan to its end: as long as there are more pages of open ports than one, it
 * reads without a pause, and each page may cost a read for each of its chunks.
 */
export function followingCost(chunks: number, seconds: number): number {
  const page = Math.min(chunks, CHUNKS_PER_PAGE);
  const reads = Math.min(treeNodes(chunks), NODES_READ) + page + REQUESTS_A_ROUND;
  const reading = reads * CALL_SECONDS;
  const round = reading + (chunks > page ? 0 : LONGEST_PAUSE / 1_000);
  const bill = billFor({
    invocations: REQUESTS_A_ROUND,
    gbSeconds: reading * gbOf('api'),
    chunkRequests: 0,
    rangeRequests: 0,
    writeUnits: 0,
    readUnits: reads,
    apiRequests: REQUESTS_A_ROUND,
    logBytes: 0,
  });
  return (bill.total * seconds) / round;
}
