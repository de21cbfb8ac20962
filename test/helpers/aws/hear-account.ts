import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { onTestFinished } from 'vitest';

const SOMEBODY = { region: 'us-east-1', credentials: { accessKeyId: '000000000000', secretAccessKey: 'nobody' } };
export const snsClientAt = (endpoint: string): SNSClient => new SNSClient({ endpoint, ...SOMEBODY });

/** What one who listens in the account was told: an event of the bus, or what was published to a topic. */
export interface HeardMessage {
  readonly via: 'bus' | 'topic';
  /** The type of an event; the kind of what was published. */
  readonly type: string;
  readonly detail: Record<string, unknown>;
}

/** Subscribes a queue to the topics whose names have that in them, and to every event of ours; gives all it was told so far. */
export async function hearAccount(
  endpoint: string,
  sqs: SQSClient,
  topics: string,
): Promise<() => Promise<HeardMessage[]>> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `heard-${ulid()}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Arn = Attributes?.QueueArn ?? '';
  const [sns, bus] = [snsClientAt(endpoint), new EventBridgeClient({ endpoint, ...SOMEBODY })];
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  for (const { TopicArn } of Topics.filter((topic) => topic.TopicArn?.includes(topics))) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Arn }));
  }
  const Name = `rule-${ulid()}`;
  await bus.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: ['portfleet'] }) }));
  await bus.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn }] }));
  sns.destroy();
  const heard: HeardMessage[] = [];
  onTestFinished(async () => {
    await bus.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['queue'] }));
    await bus.send(new DeleteRuleCommand({ Name }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    bus.destroy();
  });
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    heard.push(...Messages.map(({ Body = '{}' }) => heardOf(JSON.parse(Body) as Envelope)));
    return heard;
  };
}

type Envelope = {
  readonly Message?: string;
  readonly detail?: Record<string, unknown>;
  readonly 'detail-type'?: string;
};

function heardOf({ Message, detail, 'detail-type': type = '' }: Envelope): HeardMessage {
  if (detail) return { via: 'bus', type, detail };
  const published = JSON.parse(Message ?? '{}') as Record<string, unknown>;
  return { via: 'topic', type: `${published['kind']}`, detail: published };
}
