import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../cdk/settings.ts';
import { resourcesOf, synthesize } from './stack.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const resources = resourcesOf(synthesize().template);

/** With every setting on that adds a resource or a permission: the workers outside of a VPC, and inside. */
const ALL = { monthlyBudget: '20', securityHub: 'true', account: 'true' };
const INSIDE = {
  ...{ ...ALL, scope: '10.0.0.0/16', allowPrivate: 'true', vpcSubnets: 'subnet-0123456789abcdef0' },
  ...{ vpcSecurityGroups: 'sg-01234567', vpcIpv6: 'true', vpcId: 'vpc-01234567', vpcRouteTables: 'rtb-01234567' },
};
const everything = [{ ...ALL, scope: 'own' }, INSIDE].flatMap((context) => resourcesOf(synthesize(context).template));

describe('The documents', () => {
  it('say of every alarm what it means and what to do', () => {
    const alarms = resources.filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
    const names = alarms.map(([id]) => id.replace(/^Alarms(.*)[0-9A-F]{8}$/, '$1'));
    const headings = [...page('operate.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual(names.sort());
  });

  it('list every setting with its default', () => {
    const rows = new Map(
      [...page('deploy.md').matchAll(/^\| `(\w+)` \| `?(\w+)`? \|/gm)].map(([, name, value]) => [name, value]),
    );
    for (const [name, value] of Object.entries(DEFAULTS)) {
      expect([name, rows.get(name)]).toEqual([name, Array.isArray(value) ? 'nothing' : `${value ?? 'none'}`]);
    }
  });

  it('name, for who deploys, some action of every service that the stack is made of', () => {
    const allowed = new Set(actionsOf('deploy-policy').map((action) => action.split(':')[0]));
    const SERVICE: Record<string, string> = { ApiGatewayV2: 'apigateway' };
    const services = everything.map(([, { Type }]) => Type.split('::')[1] ?? '').filter((name) => name !== 'CDK');
    const needed = [...new Set(services)].map((name) => SERVICE[name] ?? name.toLowerCase());
    expect(needed.filter((name) => !allowed.has(name))).toEqual([]);
  });

  it('let who deploys do all that the handlers of CloudFormation do to read a resource', () => {
    const patterns = patternsOf('deploy-policy');
    const named = READ_BY_HANDLERS.flatMap((actions) => actions.split(' '));
    expect(named.filter((action) => !patterns.some((pattern) => pattern.test(action)))).toEqual([]);
  });

  it('have a boundary that lets every function do what it may, and none make itself an administrator', () => {
    const patterns = patternsOf('boundary');
    const granted = everything.flatMap(([, { Type, Properties }]) =>
      Type === 'AWS::IAM::Role' ? (Properties['Policies'] as RolePolicy[]) : [],
    );
    const actions = granted.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    expect(new Set(actions).size).toBeGreaterThan(30);
    expect(actions.filter((action) => !patterns.some((pattern) => pattern.test(action)))).toEqual([]);
    const harmful = ['iam:PassRole', 'iam:CreateRole', 'sts:AssumeRole', 'lambda:UpdateFunctionCode', 's3:GetObject'];
    expect(harmful.filter((action) => patterns.some((pattern) => pattern.test(action)))).toEqual([]);
  });
});

/**
 * What the handlers of the stack's types read, whatever a template names: from their schemas in CloudFormation's registry,
 * and of budgets, which were not at hand, from AWS's list of actions.
 */
const READ_BY_HANDLERS = [
  'apigateway:GET',
  'budgets:ViewBudget budgets:ListTagsForResource',
  'cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:GetDashboard',
  'dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:DescribeContinuousBackups dynamodb:DescribeContributorInsights',
  'dynamodb:DescribeKinesisStreamingDestination dynamodb:ListTagsOfResource dynamodb:GetResourcePolicy',
  'ec2:DescribeVpcEndpoints ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeVpcs ec2:DescribeNetworkInterfaces',
  'vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation',
  'events:DescribeRule events:ListTargetsByRule events:ListTagsForResource',
  'iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies',
  'lambda:GetFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionRecursionConfig lambda:GetPolicy',
  'lambda:GetRuntimeManagementConfig lambda:GetFunctionEventInvokeConfig lambda:GetFunctionUrlConfig',
  'lambda:GetEventSourceMapping lambda:ListTags',
  'logs:DescribeLogGroups logs:GetDataProtectionPolicy logs:DescribeIndexPolicies logs:ListTagsForResource',
  'logs:DescribeResourcePolicies',
  'sns:GetTopicAttributes sns:ListTagsForResource sns:ListSubscriptionsByTopic sns:GetDataProtectionPolicy',
  'sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags',
];

interface RolePolicy {
  readonly PolicyDocument: { readonly Statement: readonly { readonly Action: string | string[] }[] };
}

const patternsOf = (name: string): RegExp[] =>
  actionsOf(name).map((action) => new RegExp(`^${action.replaceAll('*', '.*')}$`));

/** The actions of the policy that stands under that name in docs/deploy.md. */
function actionsOf(name: string): string[] {
  const [, json = ''] = new RegExp(`<!-- ${name} -->\\n\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(page('deploy.md')) ?? [];
  return (JSON.parse(json) as RolePolicy['PolicyDocument']).Statement.flatMap(({ Action }) => Action);
}
