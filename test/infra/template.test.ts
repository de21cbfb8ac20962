import { CfnResource } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { DUE_INDEX } from '../../lambdas/aws/dynamo/table.ts';
import {
  CHUNK_VISIBILITY_SECONDS,
  MAX_RECEIVES,
  WORKER_MEMORY_MB,
  WORKER_SECONDS,
} from '../../shared/domain/limits.ts';
import { resourcesOf, synthesize } from './stack.ts';

const standard = synthesize();
const { template } = standard;

const has = (type: string, properties: Record<string, unknown>): void =>
  template.hasResourceProperties(type, properties);

describe('The stack', () => {
  it('has nothing that cdk-nag or the CloudFormation validator find', () => {
    expect(standard.findings).toEqual([]);
  });

  it('gives a reason for every finding that it acknowledges, and acknowledges these only', () => {
    expect(standard.acknowledged.map(({ ruleName }) => ruleName).sort()).toEqual([
      'AwsSolutions-DDB3',
      // The readers of the stream: the aggregator and the watcher.
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-IAM5[Resource::*]',
    ]);
    for (const { reason } of standard.acknowledged) expect(reason.split(' ').length).toBeGreaterThan(4);
  });

  it('would not get past the validators with a error in it', () => {
    const properties = { FunctionName: 'spoiled', Runtime: 'nodejs12.x', Tiemout: 3 };
    const spoiled = () =>
      synthesize({}, (stack) => new CfnResource(stack, 'Spoiled', { type: 'AWS::Lambda::Function', properties }));
    expect(spoiled).toThrow();
  });

  it('consists of these resources, and of nothing else', () => {
    const counts: Record<string, number> = {};
    for (const [, { Type }] of resourcesOf(template)) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual({
      'AWS::ApiGatewayV2::Api': 1,
      'AWS::ApiGatewayV2::Integration': 1,
      'AWS::ApiGatewayV2::Route': 1,
      'AWS::ApiGatewayV2::Stage': 1,
      'AWS::CloudWatch::Alarm': 21,
      'AWS::CloudWatch::Dashboard': 1,
      'AWS::DynamoDB::Table': 1,
      'AWS::Events::Rule': 2,
      'AWS::IAM::Role': 8,
      'AWS::Lambda::EventInvokeConfig': 2,
      'AWS::Lambda::EventSourceMapping': 5,
      'AWS::Lambda::Function': 8,
      'AWS::Lambda::Permission': 3,
      'AWS::Lambda::Url': 1,
      'AWS::Logs::LogGroup': 9,
      'AWS::SNS::Topic': 2,
      'AWS::SNS::TopicPolicy': 2,
      'AWS::SQS::Queue': 4,
      'AWS::SQS::QueuePolicy': 4,
    });
  });

  it('has its endpoint, the topics of its alarms and alerts and its scope as outputs', () => {
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
      'AlarmTopic',
      'AlertTopic',
      'Endpoint',
      'ReportEndpoint',
      'Scope',
    ]);
  });

  it('reserves no concurrency, of which a new account has none to give', () => {
    expect(JSON.stringify(template.toJSON())).not.toContain('ReservedConcurrentExecutions');
  });
});

describe('The chunks', () => {
  it('wait on a FIFO queue with its limits by message group, invisible for six times what a worker may run', () => {
    has('AWS::SQS::Queue', {
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      VisibilityTimeout: CHUNK_VISIBILITY_SECONDS,
      RedrivePolicy: { maxReceiveCount: MAX_RECEIVES },
      SqsManagedSseEnabled: true,
    });
    expect(CHUNK_VISIBILITY_SECONDS).toBe(6 * WORKER_SECONDS);
  });

  it('reach a worker one at a time, up to six at once, and are told one by one what became of them', () => {
    has('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 6 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('are on no queue that may be spoken to without TLS', () => {
    const queues = Object.keys(template.findResources('AWS::SQS::Queue'));
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(queues.length);
    for (const policy of policies) {
      expect(JSON.stringify(policy)).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
    }
  });
});

describe('The functions', () => {
  it('run on the newest Node.js, on arm64, each with a log group that keeps a month', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(8);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(Properties.LoggingConfig.LogGroup.Ref).toMatch(/Log/);
    }
    has('AWS::Lambda::Function', {
      Description: 'Portfleet: worker',
      MemorySize: WORKER_MEMORY_MB,
      Timeout: WORKER_SECONDS,
    });
  });

  it('go on by a message to their own queue, which only the worker and the splitter may do without end', () => {
    const loops = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
      Properties.RecursiveLoop === 'Allow' ? [Properties.Description] : [],
    );
    expect(loops.sort()).toEqual(['Portfleet: splitter', 'Portfleet: worker']);
  });

  it('aggregate ten scans of a shard at a time, and leave one that fails to the sweeper after three tries', () => {
    has('AWS::Lambda::EventSourceMapping', { ParallelizationFactor: 10, MaximumRetryAttempts: 2, BatchSize: 1 });
  });

  it('start the aggregator by one change of the table only: running becomes finalizing', () => {
    const [mapping] = Object.values(
      template.findResources('AWS::Lambda::EventSourceMapping', {
        Properties: { FilterCriteria: Match.anyValue() },
      }),
    );
    expect(JSON.parse(mapping?.['Properties'].FilterCriteria.Filters[0].Pattern)).toEqual({
      eventName: ['MODIFY'],
      dynamodb: {
        Keys: { sk: { S: ['scan'] } },
        OldImage: { status: { S: ['running'] } },
        NewImage: { status: { S: ['finalizing'] } },
      },
    });
    has('AWS::DynamoDB::Table', {
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
  });

  it('cannot be made to probe loopback by any option', () => {
    const everything = synthesize({
      scope: ['127.0.0.0/8'],
      allowLoopback: 'true',
      emulatedLoopback: 'true',
      PORTFLEET_EMULATED_LOOPBACK: 'true',
      retain: 'true',
    });
    expect(JSON.stringify(everything.template.toJSON())).not.toMatch(/EMULATED_LOOPBACK|AWS_ENDPOINT_URL/);
  });
});

describe('The HTTP API', () => {
  it('takes no request on any route that is not signed', () => {
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route'));
    expect(routes.length).toBeGreaterThan(0);
    for (const { Properties } of routes) expect(Properties.AuthorizationType).toBe('AWS_IAM');
    const urls = Object.values(template.findResources('AWS::Lambda::Url'));
    expect(urls.map(({ Properties }) => [Properties.AuthType, Properties.InvokeMode])).toEqual([
      ['AWS_IAM', 'RESPONSE_STREAM'],
    ]);
  });

  it('is throttled, and logs who called, from where, for what', () => {
    has('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { Format: Match.stringLikeRegexp('identity.userArn.*identity.sourceIp.*path') },
    });
  });
});

describe('Watches', () => {
  it('are looked at every minute, unless they are switched off', () => {
    const states = (settings: Record<string, unknown>) =>
      resourcesOf(synthesize(settings).template).flatMap(([, { Type, Properties }]) =>
        Type === 'AWS::Events::Rule' && Properties['ScheduleExpression'] === 'rate(1 minute)'
          ? [Properties['State']]
          : [],
      );
    expect(states({})).toEqual(['ENABLED']);
    expect(states({ watches: 'false' })).toEqual(['DISABLED']);
  });

  it('are found by an index that has only what is due', () => {
    has('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        {
          IndexName: DUE_INDEX,
          KeySchema: [
            { AttributeName: 'dueKind', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  });
});

describe('What is left when the stack is destroyed', () => {
  it('is nothing', () => {
    const kept = resourcesOf(template).filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'));
    expect(kept).toEqual([]);
    for (const [id, { Type, DeletionPolicy }] of resourcesOf(template)) {
      if (Type === 'AWS::Logs::LogGroup' || Type === 'AWS::DynamoDB::Table')
        expect([id, DeletionPolicy]).toEqual([id, 'Delete']);
    }
  });

  it('is the table and the logs where the owner wants to keep them', () => {
    const kept = resourcesOf(synthesize({ retain: 'true' }).template).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === 'Retain',
    );
    expect(new Set(kept.map(([, { Type }]) => Type))).toEqual(new Set(['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup']));
  });
});

describe('The alarms', () => {
  it('watch every function, waiting messages, throttles, the gateway, the schedule and stalled scans', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    const counts: Record<string, number> = {};
    for (const { Properties } of alarms) counts[Properties.MetricName] = (counts[Properties.MetricName] ?? 0) + 1;
    expect(counts).toEqual({
      '5xx': 1,
      ApproximateAgeOfOldestMessage: 1,
      ApproximateNumberOfMessagesVisible: 2,
      AlertsGivenUp: 1,
      ChunksGivenUp: 1,
      Errors: 8,
      FailedInvocations: 2,
      IteratorAge: 1,
      RecursiveInvocationsDropped: 1,
      StalledScans: 1,
      Throttles: 2,
    });
    for (const { Properties } of alarms) {
      expect(Properties.TreatMissingData).toBe('notBreaching');
      expect(Properties.AlarmActions).toHaveLength(1);
    }
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  it('are joined by a budget where the owner names an amount', () => {
    const { template: frugal } = synthesize({ monthlyBudget: '20' });
    template.resourceCountIs('AWS::Budgets::Budget', 0);
    frugal.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetLimit: { Amount: 20, Unit: 'USD' }, TimeUnit: 'MONTHLY' },
    });
  });
});

const INSIDE = {
  vpcSubnets: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  vpcSecurityGroups: 'sg-0123456789abcdef0',
  scope: '10.0.0.0/16',
  allowPrivate: 'true',
};

describe('A deployment inside of a VPC', () => {
  const functionsInside = (context: Record<string, unknown>): Record<string, unknown>[] =>
    Object.values(synthesize(context).template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
      Properties.VpcConfig ? [{ ...Properties.VpcConfig, of: Properties.Description }] : [],
    );

  it('has its workers in the subnets, and nothing else there', () => {
    expect(functionsInside(INSIDE)).toEqual([
      {
        of: 'Portfleet: worker',
        SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        SecurityGroupIds: ['sg-0123456789abcdef0'],
      },
    ]);
    expect(functionsInside({ ...INSIDE, vpcIpv6: 'true' })).toMatchObject([{ Ipv6AllowedForDualStack: true }]);
    expect(synthesize(INSIDE).findings).toEqual([]);
  });

  it('tells the workers whether there is IPv6, and the API who resolves names there', () => {
    const { template: inside } = synthesize({ ...INSIDE, vpcIpv6: 'true' });
    inside.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Portfleet: worker',
      Environment: { Variables: Match.objectLike({ PORTFLEET_IPV6: 'true' }) },
    });
    inside.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Portfleet: api',
      Environment: { Variables: Match.objectLike({ PORTFLEET_RESOLVER: { Ref: Match.stringLikeRegexp('Worker') } }) },
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('PORTFLEET_RESOLVER');
  });

  it('has the endpoints that workers without a way out need, where their places are named', () => {
    const { template: closed } = synthesize({
      ...INSIDE,
      vpcId: 'vpc-0123456789abcdef0',
      vpcRouteTables: 'rtb-0123456789abcdef0',
    });
    const endpoints = Object.values(closed.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => [
      Properties.VpcEndpointType,
      JSON.stringify(Properties.ServiceName).match(/\.(\w+)"\]/)?.[1],
    ]);
    expect(endpoints).toEqual([
      ['Gateway', 'dynamodb'],
      ['Interface', 'sqs'],
    ]);
    synthesize(INSIDE).template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });

  it('can stand beside one outside, under another name', () => {
    const ids = (context: Record<string, unknown>) => Object.keys(synthesize(context).template.toJSON()['Resources']);
    // The ids are alike; CloudFormation names what they stand for after the stack.
    expect(ids(INSIDE)).toEqual(expect.arrayContaining(ids({})));
    expect(JSON.stringify(synthesize(INSIDE).template.toJSON())).not.toMatch(/"(TableName|QueueName|FunctionName)":"/);
  });
});

describe('A permissions boundary that the owner names', () => {
  it('is on every role', () => {
    const { template: bounded } = synthesize({ '@aws-cdk/core:permissionsBoundary': { name: 'PortfleetBoundary' } });
    for (const { Properties } of Object.values(bounded.findResources('AWS::IAM::Role'))) {
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/PortfleetBoundary');
    }
  });
});

describe('The logs of requests', () => {
  it('are in a group whose name needs no resource policy, which would outlive the stack', () => {
    has('AWS::Logs::LogGroup', { LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/portfleet/') });
    template.resourceCountIs('AWS::Logs::ResourcePolicy', 0);
  });
});
