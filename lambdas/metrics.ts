import type { Clock } from '../shared/seams/clock.ts';

/** Everything that is counted, for the alarms and the dashboard; cdk names the same. */
export type MetricName =
  | 'ChunksDone'
  | 'ChunksPutBack'
  | 'ChunksFailed'
  | 'ChunksGivenUp'
  | 'MessagesDropped'
  | 'RunningScans'
  | 'StalledScans'
  | 'AlertsGivenUp';

export interface Metrics {
  count(values: Readonly<Partial<Record<MetricName, number>>>): void;
}

export const METRICS_NAMESPACE = 'Portfleet';

/**
 * Metrics as lines of the log, in CloudWatch's embedded metric format: no call, so nothing to wait for and nothing
 * that can fail. `deployment` tells two stacks of one account apart.
 */
export function makeLogMetrics(write: (line: string) => void, clock: Pick<Clock, 'wall'>, deployment: string): Metrics {
  return {
    count(values) {
      const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
      const CloudWatchMetrics = [{ Namespace: METRICS_NAMESPACE, Dimensions: [['Deployment']], Metrics }];
      const _aws = { Timestamp: Math.floor(clock.wall()), CloudWatchMetrics };
      write(`${JSON.stringify({ _aws, Deployment: deployment, ...values })}\n`);
    },
  };
}
