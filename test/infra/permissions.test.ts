import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesize } from './stack.ts';

const standard = synthesize();

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** A resource's ARN in the words of this test: the name that the stack gave it, without the digest. */
function nameOf(resource: unknown): string {
  if (resource === '*') return '*';
  const joined = joinedName(resource);
  if (joined !== undefined) return joined;
  const { 'Fn::GetAtt': [id = '', attribute] = [] } = resource as { 'Fn::GetAtt'?: string[] };
  const name = id.replace(/[0-9A-F]{8}$/, '');
  return attribute === 'StreamArn' ? `${name} stream` : name;
}

/** An ARN that is put together: what of it the stack does not leave to the account. */
function joinedName(resource: unknown): string | undefined {
  const { 'Fn::Join': [, parts] = [], Ref } = resource as { 'Fn::Join'?: [string, unknown[]]; Ref?: string };
  if (Ref !== undefined) return Ref.replace(/[0-9A-F]{8}$/, '');
  return parts?.map((part) => (typeof part === 'string' ? part : joinedPart(part))).join('');
}

const joinedPart = (part: unknown): string => ('Fn::GetAtt' in (part as object) ? nameOf(part) : '…');

/** Role by role: resource → actions, sorted. */
function grants(template = standard.template): Record<string, Record<string, string[]>> {
  const roles: Record<string, Record<string, string[]>> = {};
  for (const [id, { Type, Properties }] of resourcesOf(template)) {
    if (Type !== 'AWS::IAM::Role') continue;
    const granted: Record<string, string[]> = {};
    const policies = Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[];
    for (const { Effect, Action, Resource } of policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) {
      expect(Effect).toBe('Allow');
      for (const resource of [Resource].flat())
        granted[nameOf(resource)] = [...(granted[nameOf(resource)] ?? []), ...[Action].flat()].sort();
    }
    roles[id.replace(/^Fleet(.*)Role[0-9A-F]{8}$/, '$1')] = granted;
  }
  return roles;
}

const onTable = (...actions: string[]): string[] => actions.map((action) => `dynamodb:${action}`);
const CONSUME = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];

const BUS = 'arn:…:events:…:…:event-bus/default';
const WATCHER = {
  FleetWatcherLog: LOG,
  ScansTable: onTable('BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
  'ScansTable/index/due': onTable('Query'),
  'ScansTable stream': onTable('DescribeStream', 'GetRecords', 'GetShardIterator'),
  '*': onTable('ListStreams'),
  QueuesChunks: ['sqs:SendMessage'],
  QueuesRanges: ['sqs:SendMessage'],
  ReceiversAlerts: ['sns:Publish'],
  [BUS]: ['events:PutEvents'],
};

describe('Each function', () => {
  it('may do exactly what its handler does, and nothing else', () => {
    expect(grants()).toEqual({
      Api: {
        FleetApiLog: LOG,
        ScansTable: onTable('BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        QueuesChunks: ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
        QueuesRanges: ['sqs:SendMessage'],
      },
      Reports: {
        FleetReportsLog: LOG,
        ScansTable: onTable('BatchGetItem', 'GetItem', 'Query'),
      },
      Worker: {
        FleetWorkerLog: LOG,
        ScansTable: onTable('BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        QueuesChunks: ['sqs:ChangeMessageVisibility', ...CONSUME, 'sqs:SendMessage'],
      },
      Aggregator: {
        FleetAggregatorLog: LOG,
        ScansTable: onTable('BatchGetItem', 'BatchWriteItem', 'GetItem', 'Query', 'UpdateItem'),
        'ScansTable stream': onTable('DescribeStream', 'GetRecords', 'GetShardIterator'),
        '*': onTable('ListStreams'),
      },
      DeadLetter: {
        FleetDeadLetterLog: LOG,
        ScansTable: onTable('GetItem', 'PutItem', 'UpdateItem'),
        QueuesDeadLetters: CONSUME,
      },
      Splitter: {
        FleetSplitterLog: LOG,
        ScansTable: onTable('BatchGetItem', 'BatchWriteItem', 'GetItem', 'Query', 'UpdateItem'),
        QueuesChunks: ['sqs:SendMessage'],
        QueuesRanges: ['sqs:ChangeMessageVisibility', ...CONSUME, 'sqs:SendMessage'],
      },
      Sweeper: {
        FleetSweeperLog: LOG,
        ScansTable: onTable('BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        QueuesRanges: ['sqs:SendMessage'],
      },
      Watcher: WATCHER,
    });
  });

  it('may import findings only where Security Hub is switched on, and put events only where these are', () => {
    const watcher = (settings: Record<string, unknown>) => grants(synthesize(settings).template)['Watcher'];
    expect(watcher({ securityHub: true })).toEqual({
      ...WATCHER,
      'arn:…:securityhub:…:…:product/…/default': ['securityhub:BatchImportFindings'],
    });
    const { [BUS]: _, ...withoutEvents } = WATCHER;
    expect(watcher({ events: false })).toEqual(withoutEvents);
  });

  it('may read what the account has only where that is switched on, the worker only where it is the scope', () => {
    const reads = ({ template }: typeof standard) =>
      Object.entries(grants(template))
        .flatMap(([role, granted]) => (granted['*']?.some((action) => action.startsWith('ec2:Describe')) ? [role] : []))
        .sort();
    expect(reads(standard)).toEqual([]);
    expect(reads(synthesize({ account: 'true' }))).toEqual(['Api', 'Watcher']);
    const own = synthesize({ account: 'true', scope: 'own' });
    expect(reads(own)).toEqual(['Api', 'Watcher', 'Worker']);
    expect(own.findings).toEqual([]);
    expect(() => synthesize({ scope: 'own' })).toThrow('"own" in the scope needs "account"');
  });

  it('has no policy attached from elsewhere, and none is attached to it', () => {
    for (const [, { Type, Properties }] of resourcesOf(standard.template)) {
      expect(Type).not.toBe('AWS::IAM::Policy');
      if (Type === 'AWS::IAM::Role') expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});
