import { Stack } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** Whom watches can tell in the account: a topic of the stack, and what is switched on of the account's own. */
export class Receivers extends Construct {
  readonly topic: Topic;
  /** The account's default bus; null where events are switched off. */
  readonly bus: IEventBus | null;
  /** The product that findings are imported under, the account's own; null where Security Hub is switched off. */
  readonly hubProduct: string | null;

  constructor(scope: Construct, id: string, { events, securityHub }: Settings) {
    super(scope, id);
    const stack = Stack.of(this);
    this.topic = new Topic(this, 'Alerts', { displayName: 'Portfleet watches', enforceSSL: true });
    this.bus = events ? EventBus.fromEventBusName(this, 'Bus', 'default') : null;
    this.hubProduct = securityHub
      ? stack.formatArn({ service: 'securityhub', resource: 'product', resourceName: `${stack.account}/default` })
      : null;
  }
}
