import type { SQSClient } from '@aws-sdk/client-sqs';
import { systemClock } from '../shared/net/system-clock.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Log } from '../shared/seams/log.ts';
import type { ScanStore } from '../shared/seams/scan-store.ts';
import { makeDynamoClient, makeSqsClient } from './aws/clients.ts';
import { makeRetention, type Retention } from './aws/dynamo/retention.ts';
import { makeDynamoScanStore } from './aws/dynamo/scan-store.ts';
import { makeTable, type Table } from './aws/dynamo/table.ts';
import { type Environment, type EnvironmentReader, readEnvironment } from './env.ts';
import { makeInvocation, makeJsonLog, writeToStdout } from './json-log.ts';
import { type Metrics, makeLogMetrics } from './metrics.ts';

/** Of this process, which is one function. */
export const invocation = makeInvocation();

/** What every function of the stack is put together from. */
export interface Parts {
  readonly env: EnvironmentReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly table: Table;
  readonly retention: Retention;
  readonly store: ScanStore;
  readonly sqs: SQSClient;
}

export function makeParts(environment: Environment): Parts {
  const env = readEnvironment(environment);
  const clock = systemClock;
  const table = makeTable(makeDynamoClient(), env.text('PORTFLEET_TABLE'));
  const retention = makeRetention(env.whole('PORTFLEET_RETENTION_DAYS'), clock);
  return {
    env,
    clock,
    log: makeJsonLog(writeToStdout, clock.wall, invocation),
    metrics: makeLogMetrics(writeToStdout, clock, env.text('PORTFLEET_DEPLOYMENT')),
    table,
    retention,
    store: makeDynamoScanStore(table, retention, clock),
    sqs: makeSqsClient(),
  };
}
