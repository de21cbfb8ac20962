import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { FunctionName } from './function-sizes.ts';
import type { Queues } from './queues.ts';
import type { Receivers } from './receivers.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string>>;

/** What each function is told of the deployment; lambdas/env.ts and each index.ts read it. */
export function environments(
  settings: Settings,
  table: Table,
  { chunks, ranges }: Queues,
  { topic, bus, hubProduct }: Receivers,
  deployment: string,
): Readonly<Record<FunctionName, Environment>> {
  const common: Environment = {
    PORTFLEET_DEPLOYMENT: deployment,
    PORTFLEET_TABLE: table.tableName,
    PORTFLEET_RETENTION_DAYS: `${settings.retentionDays}`,
  };
  const policy: Environment = {
    PORTFLEET_SCOPE: settings.scope.join(','),
    PORTFLEET_ALLOW_PRIVATE: `${settings.allowPrivate}`,
    PORTFLEET_ACCOUNT: `${settings.account}`,
  };
  const chunkQueue: Environment = { PORTFLEET_CHUNK_QUEUE: chunks.queueUrl };
  const rangeQueue: Environment = { PORTFLEET_RANGE_QUEUE: ranges.queueUrl };
  const told: Environment = {
    PORTFLEET_WATCHES: `${settings.watches}`,
    ...(bus && { PORTFLEET_EVENT_BUS: bus.eventBusName }),
    ...(hubProduct !== null && { PORTFLEET_SECURITY_HUB: hubProduct }),
  };
  const submits: Environment = { ...common, ...policy, ...chunkQueue, ...rangeQueue, ...limits(settings) };
  return {
    api: { ...submits, ...told },
    reports: submits,
    watcher: { ...submits, ...told, PORTFLEET_ALERT_TOPIC: topic.topicArn },
    worker: { ...common, ...policy, ...chunkQueue, PORTFLEET_IPV6: `${settings.vpcIpv6}` },
    aggregator: common,
    'dead-letter': common,
    splitter: { ...common, ...chunkQueue, ...rangeQueue, ...fleet(settings) },
    sweeper: { ...common, ...rangeQueue },
  };
}

/** What the API holds callers to; a limit that is off is left out. */
const limits = ({
  ratePerTarget,
  dailyProbeQuota,
  dailyWorkerHours,
  scansAtOnce,
  ...settings
}: Settings): Environment => ({
  ...fleet(settings),
  ...(ratePerTarget !== null && { PORTFLEET_RATE_PER_TARGET: `${ratePerTarget}` }),
  ...(dailyProbeQuota !== null && { PORTFLEET_DAILY_PROBES: `${dailyProbeQuota}` }),
  ...(dailyWorkerHours !== null && { PORTFLEET_DAILY_WORKER_SECONDS: `${dailyWorkerHours * 3_600}` }),
  ...(scansAtOnce !== null && { PORTFLEET_SCANS_AT_ONCE: `${scansAtOnce}` }),
});

const fleet = ({ maxConcurrency }: Pick<Settings, 'maxConcurrency'>): Environment => ({
  PORTFLEET_MAX_CONCURRENCY: `${maxConcurrency}`,
});
