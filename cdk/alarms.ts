import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FleetFunction } from './fleet-function.ts';
import { type FunctionName, OLDEST_MESSAGE_HOURS } from './function-sizes.ts';
import type { Queues } from './queues.ts';

export interface AlarmsProps {
  readonly queues: Queues;
  readonly functions: Readonly<Record<FunctionName, FleetFunction>>;
  readonly deployment: string;
}

const PERIOD = Duration.minutes(5);

/** Docs: docs/operate.md says of each alarm what it means and what to do. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { queues, functions, deployment }: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: 'Portfleet alarms', enforceSSL: true });
    letAlarmsPublish(this.topic);
    const { worker, aggregator, api } = functions;
    const own = (metricName: string): Metric => deploymentMetric(deployment, metricName);
    const deep = { period: PERIOD, statistic: 'Maximum' };
    const alarm = makeAlarm(this);
    this.alarms = [
      alarm('ChunksGivenUp', own('ChunksGivenUp'), 1, 'A chunk failed five times: a scan will end with gaps.'),
      alarm(
        'DeadLetters',
        queues.deadLetters.metricApproximateNumberOfMessagesVisible(deep),
        1,
        'Dead letters wait.',
        3,
      ),
      alarm(
        'DeadRanges',
        queues.deadRanges.metricApproximateNumberOfMessagesVisible(deep),
        1,
        'A range was not split.',
      ),
      alarm(
        'OldestMessage',
        queues.chunks.metricApproximateAgeOfOldestMessage(deep),
        Duration.hours(OLDEST_MESSAGE_HOURS).toSeconds(),
        'A chunk has been waiting for half a day.',
      ),
      alarm('WorkerErrors', errors(worker), 1, 'A worker crashed or ran out of time.'),
      alarm('WorkerThrottles', throttles(worker), 1, 'The account has no room for more workers.', 3),
      alarm('AggregatorErrors', errors(aggregator), 1, 'A report could not be written.'),
      alarm('ApiErrors', errors(api), 1, 'The API crashed or ran out of time.'),
      alarm('StalledScans', own('StalledScans'), 1, 'A scan stood still and was put back on its way.'),
    ];
    for (const each of this.alarms) each.addAlarmAction(new SnsAction(this.topic));
  }
}

const errors = ({ function: lambda }: FleetFunction): Metric => lambda.metricErrors({ period: PERIOD });
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
