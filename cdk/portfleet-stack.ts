import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Portfleet } from './portfleet.ts';
import type { Settings } from './settings.ts';

export interface PortfleetStackProps extends StackProps {
  readonly settings: Settings;
  /** The folder of bundles that scripts/build-lambdas.mjs has made. */
  readonly bundles: string;
}

/** The stack that `cdk deploy` deploys from this repository: the construct, and what a person has to know of it. */
export class PortfleetStack extends Stack {
  readonly portfleet: Portfleet;

  constructor(scope: Construct, id: string, { settings, bundles, ...props }: PortfleetStackProps) {
    super(scope, id, { description: 'Portfleet: finds the open ports of hosts that you may scan', ...props });
    // "Default" leaves no trace in the ids of resources: an upgrade of a deployment replaces none.
    this.portfleet = new Portfleet(this, 'Default', { ...settings, bundles });
    new CfnOutput(this, 'Endpoint', {
      value: this.portfleet.endpoint,
      description: 'For --endpoint, or PORTFLEET_ENDPOINT',
    });
    new CfnOutput(this, 'ReportEndpoint', { value: this.portfleet.reportEndpoint, description: 'Reports of any size' });
    new CfnOutput(this, 'AlarmTopic', {
      value: this.portfleet.topic.topicArn,
      description: 'Subscribe to hear of alarms',
    });
    new CfnOutput(this, 'AlertTopic', {
      value: this.portfleet.alertTopic.topicArn,
      description: 'Subscribe to hear of what watches tell "sns"',
    });
    new CfnOutput(this, 'Scope', {
      value: settings.scope.length === 0 ? 'nothing: every scan is refused' : settings.scope.join(','),
      description: 'What may be scanned; set with -c scope=…',
    });
  }
}
