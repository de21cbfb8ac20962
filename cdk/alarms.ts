import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FleetFunction } from './fleet-function.ts';
import { type FunctionName, OLDEST_MESSAGE_HOURS } from './function-sizes.ts';
import type { Queues } from './queues.ts';

export interface AlarmsProps {
  readonly queues: Queues;
  readonly functions: Readonly<Record<FunctionName, FleetFunction>>;
  readonly api: HttpApi;
  readonly sweep: Rule;
  readonly watch: Rule;
  readonly deployment: string;
}

const PERIOD = Duration.minutes(5);

/** Docs: docs/operate.md says of each alarm what it means and what to do. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { queues, functions, api, sweep, watch, deployment }: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: 'Portfleet alarms', enforceSSL: true });
    letAlarmsPublish(this.topic);
    const alarm = makeAlarm(this);
    this.alarms = [
      ...queueAlarms(alarm, queues, deployment),
      ...workerAlarms(alarm, functions.worker),
      ...reportAlarms(alarm, functions),
      ...apiAlarms(alarm, functions.api, api),
      ...watchAlarms(alarm, functions.watcher, watch, deployment),
      alarm('SweepsFailed', failedSweeps(sweep), 1, 'The schedule could not start the sweeper.'),
      alarm('StalledScans', deploymentMetric(deployment, 'StalledScans'), 1, 'A scan stood still, and was sent again.'),
    ];
    for (const each of this.alarms) each.addAlarmAction(new SnsAction(this.topic));
  }
}

type MakeAlarm = ReturnType<typeof makeAlarm>;

const DEEP = { period: PERIOD, statistic: 'Maximum' };

const queueAlarms = (alarm: MakeAlarm, { chunks, deadLetters, deadRanges }: Queues, deployment: string): Alarm[] => [
  alarm(
    'ChunksGivenUp',
    deploymentMetric(deployment, 'ChunksGivenUp'),
    1,
    'A chunk failed five times in a row: a scan will end with gaps.',
  ),
  alarm('DeadLetters', deadLetters.metricApproximateNumberOfMessagesVisible(DEEP), 1, 'Dead letters wait.', 3),
  alarm('DeadRanges', deadRanges.metricApproximateNumberOfMessagesVisible(DEEP), 1, 'A range was not split.'),
  alarm(
    'OldestMessage',
    chunks.metricApproximateAgeOfOldestMessage(DEEP),
    Duration.hours(OLDEST_MESSAGE_HOURS).toSeconds(),
    `A chunk has been waiting for ${OLDEST_MESSAGE_HOURS} hours.`,
  ),
];

const workerAlarms = (alarm: MakeAlarm, worker: FleetFunction): Alarm[] => [
  alarm('WorkerErrors', errors(worker), 1, 'A worker crashed or ran out of time.'),
  alarm('WorkerThrottles', throttles(worker), 1, 'The account has no room for more workers.', 3),
  alarm('WorkerStopped', recursion(worker), 1, 'Lambda took the work on a chunk for a loop, and stopped it.'),
];

const reportAlarms = (alarm: MakeAlarm, functions: AlarmsProps['functions']): Alarm[] => [
  alarm('AggregatorErrors', errors(functions.aggregator), 1, 'A report could not be written.'),
  alarm('AggregatorLate', late(functions.aggregator), LATE.toMilliseconds(), 'Scans wait for their reports.'),
  alarm('ReportErrors', errors(functions.reports), 1, 'A report broke off.'),
  alarm('SplitterErrors', errors(functions.splitter), 1, 'The splitter crashed or ran out of time.'),
  alarm('DeadLetterErrors', errors(functions['dead-letter']), 1, 'The function for dead letters crashed.'),
  alarm('SweeperErrors', errors(functions.sweeper), 1, 'The sweeper crashed or ran out of time.'),
];

const watchAlarms = (alarm: MakeAlarm, watcher: FleetFunction, watch: Rule, deployment: string): Alarm[] => [
  alarm('WatcherErrors', errors(watcher), 1, 'A watch could not be seen to, or the watcher crashed.', 3),
  alarm('WatchesFailed', failedSweeps(watch), 1, 'The schedule could not start the watcher.'),
  alarm('AlertsGivenUp', deploymentMetric(deployment, 'AlertsGivenUp'), 1, 'Nobody took a message within a day.'),
];

const apiAlarms = (alarm: MakeAlarm, lambda: FleetFunction, api: HttpApi): Alarm[] => [
  alarm('ApiErrors', errors(lambda), 1, 'The API crashed or ran out of time.'),
  alarm('ApiThrottles', throttles(lambda), 1, 'Requests were turned away for want of room.', 3),
  alarm('ApiFailures', api.metricServerError({ period: PERIOD, statistic: 'Sum' }), 1, 'The API answered 5xx.'),
];

const errors = ({ function: lambda }: FleetFunction): Metric => lambda.metricErrors({ period: PERIOD });
/** A stream's records older than this wait for an aggregator that does not get through. */
const LATE = Duration.minutes(30);

const late = ({ function: lambda }: FleetFunction): Metric =>
  lambda.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' });
const recursion = ({ function: lambda }: FleetFunction): Metric =>
  lambda.metric('RecursiveInvocationsDropped', { period: PERIOD, statistic: 'Sum' });
const failedSweeps = (sweep: Rule): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: sweep.ruleName },
    period: PERIOD,
    statistic: 'Sum',
  });
const throttles = ({ function: lambda }: FleetFunction): Metric => lambda.metricThrottles({ period: PERIOD });

/** One of the metrics that the functions write into their logs; lambdas/metrics.ts has the names. */
export const deploymentMetric = (deployment: string, metricName: string): Metric =>
  new Metric({
    namespace: 'Portfleet',
    metricName,
    dimensionsMap: { Deployment: deployment },
    period: PERIOD,
    statistic: 'Sum',
  });

/** `times`: periods in a row. No news is good news: a fleet that does nothing sends no metrics. */
const makeAlarm =
  (scope: Construct) =>
  (id: string, metric: IMetric, threshold: number, alarmDescription: string, times = 1): Alarm =>
    new Alarm(scope, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: times,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });

/** The policy that demands TLS replaces the topic's own, which would let the account's alarms in. */
function letAlarmsPublish(topic: Topic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
}
