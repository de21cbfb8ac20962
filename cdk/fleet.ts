import { Duration, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import {
  EventInvokeConfig,
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type FunctionUrl,
  FunctionUrlAuthType,
  InvokeMode,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { environments } from './environments.ts';
import { FleetFunction } from './fleet-function.ts';
import { type FunctionName, SPLITTERS, SWEEP_MINUTES, WATCH_MINUTES } from './function-sizes.ts';
import { mayInvoke, permissionsOf } from './permissions.ts';
import { isInside, PrivateNetwork } from './private-network.ts';
import type { Queues } from './queues.ts';
import type { Receivers } from './receivers.ts';
import type { Settings } from './settings.ts';

export interface FleetProps {
  readonly table: Table;
  readonly queues: Queues;
  readonly receivers: Receivers;
  readonly settings: Settings;
  readonly bundles: string;
  /** Tells this deployment from another one in the account's metrics. */
  readonly deployment: string;
}

/** Tries of the aggregator after the first, before the sweeper takes over. */
const AGGREGATOR_RETRIES = 2;

/** Scans of one shard that are aggregated at a time: as many as AWS allows, so that a bad one holds up no other. */
const AGGREGATIONS_AT_ONCE = 10;

/** The functions, each with the actions that its handler needs, and what starts them. */
export class Fleet extends Construct {
  readonly functions: Readonly<Record<FunctionName, FleetFunction>>;
  /** Where reports of any size are fetched. */
  readonly reportUrl: FunctionUrl;
  /** What starts the sweeper, and the watcher. */
  readonly sweep: Rule;
  readonly watch: Rule;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    this.functions = makeFunctions(this, props);
    const { table, queues, settings } = props;
    const { api, worker, aggregator, sweeper, splitter, watcher } = this.functions;
    for (const reader of [aggregator, watcher]) {
      acknowledgeWildcards(reader, 'dynamodb:ListStreams, which an event source on a stream needs');
    }
    if (settings.account) {
      const readers = settings.scope.includes('own') ? [api, worker] : [api];
      for (const reader of readers) acknowledgeWildcards(reader, 'reading what the account has');
    }
    if (isInside(settings)) {
      acknowledgeWildcards(worker, 'what Lambda does to put a function into subnets');
      new PrivateNetwork(this, 'Network', { worker, settings });
    }
    readQueue(worker, queues.chunks, { batchSize: 1, maxConcurrency: settings.maxConcurrency });
    readQueue(this.functions['dead-letter'], queues.deadLetters, { batchSize: 10 });
    readQueue(splitter, queues.ranges, { batchSize: 1, maxConcurrency: SPLITTERS });
    readFinalizing(aggregator, table);
    readWatched(watcher, table);
    this.sweep = sweepRegularly(sweeper);
    this.watch = watchEveryMinute(watcher, settings);
    this.reportUrl = streamSigned(this.functions.reports);
  }
}

/** cdk-nag wants a reason for each "*": there are actions that know no other resource. */
function acknowledgeWildcards({ role }: FleetFunction, what: string): void {
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: `${what}, knows no resource but "*".`,
  });
}

/** Every request has to be signed (SigV4, for the service "lambda"), and its answer is streamed. */
const streamSigned = (reports: FleetFunction): FunctionUrl =>
  reports.function.addFunctionUrl({
    authType: FunctionUrlAuthType.AWS_IAM,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });

/** Neither the schedule nor Lambda tries again: the next sweep comes soon enough. */
function sweepRegularly(sweeper: FleetFunction): Rule {
  new EventInvokeConfig(sweeper, 'Once', { function: sweeper.function, retryAttempts: 0 });
  return new Rule(sweeper, 'Sweep', {
    description: 'Puts scans that stand still back on their way.',
    schedule: Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
    targets: [new LambdaTarget(sweeper.function, { retryAttempts: 0 })],
  });
}

/** A minute that failed is followed by the next. */
function watchEveryMinute(watcher: FleetFunction, { watches }: Settings): Rule {
  new EventInvokeConfig(watcher, 'Once', { function: watcher.function, retryAttempts: 0 });
  return new Rule(watcher, 'Watch', {
    description: 'Runs the watches that are due, and tells what they found.',
    schedule: Schedule.rate(Duration.minutes(WATCH_MINUTES)),
    enabled: watches,
    targets: [new LambdaTarget(watcher.function, { retryAttempts: 0 })],
  });
}

function makeFunctions(scope: Fleet, props: FleetProps): Fleet['functions'] {
  const { table, queues, receivers, settings, bundles, deployment } = props;
  const environment = environments(settings, table, queues, receivers, deployment);
  const permissions = permissionsOf(table, queues, receivers, settings);
  const make = (name: FunctionName, more: Partial<ConstructorParameters<typeof FleetFunction>[2]> = {}) =>
    new FleetFunction(scope, pascal(name), {
      name,
      bundles,
      environment: environment[name],
      may: permissions[name],
      // A chunk that goes on is a new message of the worker's own queue, and so is the next turn of a scan.
      mayCallItself: name === 'worker' || name === 'splitter',
      retain: settings.retain,
      ...more,
    });
  const worker = make('worker');
  // Names of private zones are known only where the workers stand, so whoever plans scans has them resolved there.
  const resolves = (name: 'api' | 'watcher') =>
    isInside(settings)
      ? {
          environment: { ...environment[name], PORTFLEET_RESOLVER: worker.function.functionName },
          may: [...permissions[name], mayInvoke(worker.function.functionArn)],
        }
      : {};
  return {
    api: make('api', resolves('api')),
    reports: make('reports'),
    worker,
    aggregator: make('aggregator'),
    'dead-letter': make('dead-letter'),
    splitter: make('splitter'),
    sweeper: make('sweeper'),
    watcher: make('watcher', resolves('watcher')),
  };
}

const pascal = (name: string): string => name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

function readQueue(
  reader: FleetFunction,
  queue: Queue,
  how: { readonly batchSize: number; readonly maxConcurrency?: number },
): void {
  new EventSourceMapping(reader, 'Source', {
    target: reader.function,
    eventSourceArn: queue.queueArn,
    reportBatchItemFailures: true,
    ...how,
  });
}

/** The one change of the table that starts the aggregator. */
function readFinalizing(aggregator: FleetFunction, table: Table): void {
  const becameFinalizing = FilterCriteria.filter({
    eventName: FilterRule.isEqual('MODIFY'),
    dynamodb: {
      Keys: { sk: { S: FilterRule.isEqual('scan') } },
      OldImage: { status: { S: FilterRule.isEqual('running') } },
      NewImage: { status: { S: FilterRule.isEqual('finalizing') } },
    },
  });
  new EventSourceMapping(aggregator, 'Source', {
    target: aggregator.function,
    eventSourceArn: `${table.tableStreamArn}`,
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [becameFinalizing],
    reportBatchItemFailures: true,
    batchSize: 1,
    retryAttempts: AGGREGATOR_RETRIES,
    parallelizationFactor: AGGREGATIONS_AT_ONCE,
  });
}

/** How long an event that cannot be put is tried again; until then a stream's source stands still for its shard. */
const OLDEST_EVENT = Duration.hours(1);

/** The changes of the table that start the watcher before its minute: a scan is over, or there is something to tell. */
function readWatched(watcher: FleetFunction, table: Table): void {
  const over = ['complete', 'complete-with-gaps', 'cancelled', 'failed'];
  const becameOver = FilterCriteria.filter({
    eventName: FilterRule.isEqual('MODIFY'),
    dynamodb: {
      Keys: { sk: { S: FilterRule.isEqual('scan') } },
      OldImage: { status: { S: FilterRule.or('planned', 'running', 'finalizing') } },
      NewImage: { status: { S: FilterRule.or(...over) } },
    },
  });
  const isToBeTold = FilterCriteria.filter({
    eventName: FilterRule.isEqual('INSERT'),
    dynamodb: { Keys: { sk: { S: FilterRule.beginsWith('delivery/') } } },
  });
  new EventSourceMapping(watcher, 'Source', {
    target: watcher.function,
    eventSourceArn: `${table.tableStreamArn}`,
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [becameOver, isToBeTold],
    reportBatchItemFailures: true,
    batchSize: 10,
    maxRecordAge: OLDEST_EVENT,
    parallelizationFactor: AGGREGATIONS_AT_ONCE,
  });
}
