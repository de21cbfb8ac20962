import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { Fleet } from './fleet.ts';
import { HttpApi } from './http-api.ts';
import { Queues } from './queues.ts';
import { ScanTable } from './scan-table.ts';
import type { Settings } from './settings.ts';

export interface PortfleetStackProps extends StackProps {
  readonly settings: Settings;
  /** The folder of bundles that scripts/build-lambdas.mjs has made. */
  readonly bundles: string;
}

/**
 *   HTTP API ─▶ api ─▶ chunks (FIFO) ─▶ worker × N ─▶ table ─ stream ─▶ aggregator
 *                 │        ▲      └─ dead letters ─▶ dead-letter ─▶ table
 *                 └▶ ranges ─▶ splitter ┘   sweeper, every few minutes ─▶ ranges
 */
export class PortfleetStack extends Stack {
  readonly fleet: Fleet;

  constructor(scope: Construct, id: string, { settings, bundles, ...props }: PortfleetStackProps) {
    super(scope, id, { description: 'Portfleet: finds the open ports of hosts that you may scan', ...props });
    const deployment = this.stackName;
    const { table } = new ScanTable(this, 'Scans', settings);
    const queues = new Queues(this, 'Queues');
    this.fleet = new Fleet(this, 'Fleet', { table, queues, settings, bundles, deployment });
    const { functions } = this.fleet;
    const api = new HttpApi(this, 'HttpApi', { handler: functions.api.function, retain: settings.retain });
    const alarms = new Alarms(this, 'Alarms', { queues, functions, deployment });
    new Dashboard(this, 'Overview', { alarms, queues, functions, deployment });
    Tags.of(this).add('project', 'portfleet');
    new CfnOutput(this, 'Endpoint', { value: api.url, description: 'For --endpoint, or PORTFLEET_ENDPOINT' });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn, description: 'Subscribe to hear of alarms' });
    new CfnOutput(this, 'Scope', {
      value: settings.scope.length === 0 ? 'nothing: every scan is refused' : settings.scope.join(','),
      description: 'What may be scanned; set with -c scope=…',
    });
  }
}
