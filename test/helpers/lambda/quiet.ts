import type { MetricName, Metrics } from '../../../lambdas/metrics.ts';
import type { Log, LogFields } from '../../../shared/seams/log.ts';

/** A log and metrics that are kept instead of written. */
export interface Kept {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: { readonly event: string; readonly fields: LogFields }[];
  readonly counts: Partial<Record<MetricName, number>>;
}

export function keepWords(): Kept {
  const events: Kept['events'] = [];
  const counts: Partial<Record<MetricName, number>> = {};
  const keep = (event: string, fields: LogFields = {}): void => void events.push({ event, fields });
  const count: Metrics['count'] = (values) => {
    for (const [name, value] of Object.entries(values) as [MetricName, number][]) {
      counts[name] = (counts[name] ?? 0) + value;
    }
  };
  return { log: { info: keep, warn: keep }, metrics: { count }, events, counts };
}
