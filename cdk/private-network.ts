import { Stack } from 'aws-cdk-lib';
import { CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FleetFunction } from './fleet-function.ts';
import type { Settings } from './settings.ts';

/** What Lambda itself does with a function's role, to put the function into subnets; EC2 knows no resource for it. */
export const networkActions = (): PolicyStatement =>
  new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });

export const isInside = ({ vpcSubnets }: Settings): boolean => vpcSubnets.length > 0;

export interface PrivateNetworkProps {
  readonly worker: FleetFunction;
  readonly settings: Settings;
}

/**
 * The workers in subnets of a VPC, and where the owner says so the endpoints that they need there: DynamoDB's gateway,
 * which is free, and SQS's interface, which costs by the hour and the subnet. Without them the subnets need a NAT. All
 * ids are the owner's, so nothing has to be looked up when the template is made.
 */
export class PrivateNetwork extends Construct {
  constructor(scope: Construct, id: string, { worker, settings }: PrivateNetworkProps) {
    super(scope, id);
    const { vpcSubnets, vpcSecurityGroups, vpcIpv6, vpcId, vpcRouteTables } = settings;
    const subnets = { subnetIds: [...vpcSubnets], securityGroupIds: [...vpcSecurityGroups] };
    const lambda = worker.function.node.defaultChild as CfnFunction;
    lambda.vpcConfig = { ...subnets, ...(vpcIpv6 && { ipv6AllowedForDualStack: true }) };
    if (vpcId === null) return;
    const { region } = Stack.of(this);
    new CfnVPCEndpoint(this, 'DynamoDb', {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${region}.dynamodb`,
      routeTableIds: [...vpcRouteTables],
    });
    new CfnVPCEndpoint(this, 'Sqs', {
      vpcId,
      vpcEndpointType: 'Interface',
      serviceName: `com.amazonaws.${region}.sqs`,
      privateDnsEnabled: true,
      ...subnets,
    });
  }
}
