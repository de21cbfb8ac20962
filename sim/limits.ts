import { FUNCTION_SIZES, OLDEST_MESSAGE_HOURS } from '../cdk/function-sizes.ts';
import { DEFAULTS } from '../cdk/settings.ts';
import { API_SECONDS } from '../shared/domain/limits.ts';
import type { Aggregation } from './aggregation.ts';
import {
  ACCOUNT_CONCURRENCY,
  FIFO_CALLS_PER_SECOND,
  PARTITION_READ_UNITS,
  PARTITION_WRITE_UNITS,
} from './aws-figures.ts';
import type { FleetRun, FleetScan } from './fleet-run.ts';

/** Something that a scan may have too much of: whoever comes near to all of it bends there. */
export interface Limit {
  readonly name: string;
  /** What happens to a scan that is over it. */
  readonly outcome: string;
  /** Share of it that a scan uses at its busiest; 1 is all. */
  readonly use: (scan: FleetScan, run: FleetRun, end: Aggregation) => number;
}

/** Functions beside the workers while a scan runs: the API and the sweeper. */
const OTHER_FUNCTIONS = 2;

export const LIMITS: readonly Limit[] = [
  {
    name: `sends to the queue (${FIFO_CALLS_PER_SECOND} calls a second to a FIFO partition)`,
    outcome:
      'SQS slows the splitter down until it has made partitions; a turn that fails comes again after eight seconds',
    use: (_, { peaks }) => peaks.sends / FIFO_CALLS_PER_SECOND,
  },
  {
    name: `receives from the queue (${FIFO_CALLS_PER_SECOND} calls a second to a FIFO partition)`,
    outcome: 'slots stay empty for a moment between two chunks',
    use: (_, { peaks }) => peaks.starts / FIFO_CALLS_PER_SECOND,
  },
  {
    name: `writes to the busiest of a new table's four partitions (${PARTITION_WRITE_UNITS.toLocaleString('en')} units a second)`,
    outcome:
      'writes are tried again and findings gather; a chunk whose write stays refused comes again after eight seconds, five times at the most; DynamoDB splits the partition within minutes',
    use: (_, { peaks }) => peaks.partitionWrites / PARTITION_WRITE_UNITS,
  },
  {
    name: `writes of 32 neighbouring chunks, one key (${PARTITION_WRITE_UNITS.toLocaleString('en')} units a second)`,
    outcome: 'the same, and no split helps',
    use: (_, { peaks }) => peaks.chunkKeyWrites / PARTITION_WRITE_UNITS,
  },
  {
    name: `writes to one node of the completion tree (${PARTITION_WRITE_UNITS.toLocaleString('en')} units a second)`,
    outcome: 'chunks end later',
    use: (_, { peaks }) => peaks.nodeWrites / PARTITION_WRITE_UNITS,
  },
  {
    name: `reads of the scan's own item (${PARTITION_READ_UNITS.toLocaleString('en')} units a second)`,
    outcome: 'chunks begin later',
    use: ({ scanUnits }, { peaks }) => (peaks.starts * scanUnits) / PARTITION_READ_UNITS,
  },
  {
    name: `functions at once in an account (${ACCOUNT_CONCURRENCY.toLocaleString('en')})`,
    outcome: 'the API and the splitters get no turn: requests are turned away while the fleet is at its height',
    use: (_, { mostWorkers }) => (mostWorkers + OTHER_FUNCTIONS) / ACCOUNT_CONCURRENCY,
  },
  {
    name: `the aggregator's time (${FUNCTION_SIZES.aggregator.seconds} s)`,
    outcome: 'the scan stays in finalizing',
    use: (_, __, { paidSeconds }) => paidSeconds / FUNCTION_SIZES.aggregator.seconds,
  },
  {
    name: `the API's time (${API_SECONDS} s)`,
    outcome: 'the request answers 503, and the sweeper sends the chunks',
    use: (_, { sent }) => sent.apiSeconds / API_SECONDS,
  },
  {
    name: `the oldest message (alarm at ${OLDEST_MESSAGE_HOURS} hours)`,
    outcome: 'the alarm OldestMessage; the queue keeps messages for 14 days',
    use: (_, { oldest }) => oldest / (OLDEST_MESSAGE_HOURS * 3_600),
  },
  {
    name: `probes of one caller in a day (${DEFAULTS.dailyProbeQuota?.toLocaleString('en')})`,
    outcome: 'the API refuses the scan',
    use: (_, { probes }) => probes / (DEFAULTS.dailyProbeQuota ?? Number.POSITIVE_INFINITY),
  },
];
