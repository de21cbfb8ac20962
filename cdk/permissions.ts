import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionName } from './function-sizes.ts';
import { isInside, networkActions } from './private-network.ts';
import type { Queues } from './queues.ts';
import type { Receivers } from './receivers.ts';
import { DUE_INDEX } from './scan-table.ts';
import type { Settings } from './settings.ts';

/** What an event source that reads a queue needs, and no more. */
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const allow = (resource: string, ...actions: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [resource] });

export const mayInvoke = (functionArn: string): PolicyStatement => allow(functionArn, 'lambda:InvokeFunction');

/** What an event source that reads the table's stream needs; the list knows no resource but "*". */
const readStream = (table: Table): PolicyStatement[] => [
  allow(`${table.tableStreamArn}`, 'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'),
  allow('*', 'dynamodb:ListStreams'),
];

/** Describing, which knows no resource but "*", and changes nothing. */
const readAccount = (): PolicyStatement =>
  allow(
    '*',
    ...['Regions', 'NetworkInterfaces', 'Addresses', 'SecurityGroups'].map((what) => `ec2:Describe${what}`),
    ...['LoadBalancers', 'Tags'].map((what) => `elasticloadbalancing:Describe${what}`),
  );

/** What each function may do, beside writing its own log: exactly the calls that its handler makes. */
export function permissionsOf(
  table: Table,
  { chunks, ranges, deadLetters }: Queues,
  { topic, bus, hubProduct }: Receivers,
  settings: Settings,
): Readonly<Record<FunctionName, readonly PolicyStatement[]>> {
  const onTable = (...actions: string[]) => allow(table.tableArn, ...actions.map((action) => `dynamodb:${action}`));
  const sendChunks = () => allow(chunks.queueArn, 'sqs:SendMessage');
  const sendRanges = () => allow(ranges.queueArn, 'sqs:SendMessage');
  const account = settings.account ? [readAccount()] : [];
  return {
    api: [
      onTable('GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'),
      allow(chunks.queueArn, 'sqs:GetQueueAttributes', 'sqs:SendMessage'),
      sendRanges(),
      ...account,
    ],
    reports: [onTable('GetItem', 'Query', 'BatchGetItem')],
    worker: [
      onTable('GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchWriteItem'),
      allow(chunks.queueArn, ...CONSUME, 'sqs:ChangeMessageVisibility', 'sqs:SendMessage'),
      ...(isInside(settings) ? [networkActions()] : []),
      ...(settings.scope.includes('own') ? account : []),
    ],
    aggregator: [onTable('GetItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'), ...readStream(table)],
    'dead-letter': [onTable('GetItem', 'PutItem', 'UpdateItem'), allow(deadLetters.queueArn, ...CONSUME)],
    splitter: [
      onTable('GetItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'),
      sendChunks(),
      allow(ranges.queueArn, ...CONSUME, 'sqs:ChangeMessageVisibility', 'sqs:SendMessage'),
    ],
    sweeper: [onTable('GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'), sendRanges()],
    watcher: [
      onTable('GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'),
      allow(`${table.tableArn}/index/${DUE_INDEX}`, 'dynamodb:Query'),
      ...readStream(table),
      sendChunks(),
      sendRanges(),
      ...account,
      allow(topic.topicArn, 'sns:Publish'),
      ...(bus ? [allow(bus.eventBusArn, 'events:PutEvents')] : []),
      ...(hubProduct === null ? [] : [allow(hubProduct, 'securityhub:BatchImportFindings')]),
    ],
  };
}
