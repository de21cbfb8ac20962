import { AlarmStatusWidget, Dashboard as CloudWatchDashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type Alarms, deploymentMetric } from './alarms.ts';
import type { FleetFunction } from './fleet-function.ts';
import type { FunctionName } from './function-sizes.ts';
import type { Queues } from './queues.ts';

export interface DashboardProps {
  readonly alarms: Alarms;
  readonly queues: Queues;
  readonly functions: Readonly<Record<FunctionName, FleetFunction>>;
  readonly deployment: string;
}

const HALF = 12;

/** One page: what is wrong, what waits, what is worked on, and what it comes to. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { alarms, queues, functions, deployment }: DashboardProps) {
    super(scope, id);
    const { worker } = functions;
    const own = (...names: string[]) => names.map((name) => deploymentMetric(deployment, name));
    const graph = (title: string, ...left: ReturnType<typeof own>) => new GraphWidget({ title, left, width: HALF });
    new CloudWatchDashboard(this, 'Dashboard', {
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms.alarms], width: 2 * HALF })],
        [
          graph(
            'Chunks that wait, and the age of the oldest (s)',
            queues.chunks.metricApproximateNumberOfMessagesVisible(),
            queues.chunks.metricApproximateNumberOfMessagesNotVisible(),
            queues.chunks.metricApproximateAgeOfOldestMessage(),
          ),
          graph('What becomes of chunks', ...own('ChunksDone', 'ChunksPutBack', 'ChunksFailed', 'ChunksGivenUp')),
        ],
        [
          graph(
            'Workers',
            worker.function.metricInvocations(),
            worker.function.metricErrors(),
            worker.function.metricThrottles(),
          ),
          graph(
            "A worker's time (ms)",
            worker.function.metricDuration(),
            worker.function.metricDuration({ statistic: 'p99' }),
          ),
        ],
        [
          graph('Scans', ...own('RunningScans', 'StalledScans')),
          graph('The API', functions.api.function.metricInvocations(), functions.api.function.metricErrors()),
        ],
      ],
    });
  }
}
