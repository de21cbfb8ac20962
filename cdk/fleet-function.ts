import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FUNCTION_SIZES, type FunctionName } from './function-sizes.ts';

export interface FleetFunctionProps {
  readonly name: FunctionName;
  /** The folder of bundles that scripts/build-lambdas.mjs has made. */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
  /** All that the function may do, beside writing its own log. */
  readonly may: readonly PolicyStatement[];
  /** Sends to the queue that starts it: without this, Lambda stops it after some 16 rounds. */
  readonly mayCallItself: boolean;
  readonly retain: boolean;
}

/** One function with a role, a log group and a bundle of its own. Nothing is granted anywhere else. */
export class FleetFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    { name, bundles, environment, may, mayCallItself, retain }: FleetFunctionProps,
  ) {
    super(scope, id);
    const { memoryMb, seconds } = FUNCTION_SIZES[name];
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const writeLog = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    // In the role itself and not attached to it: an event source must not be made before its function may read it.
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { May: new PolicyDocument({ statements: [writeLog, ...may] }) },
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: `Portfleet: ${name}`,
      code: Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.seconds(seconds),
      role: this.role,
      logGroup,
      environment,
      ...(mayCallItself && { recursiveLoop: RecursiveLoop.ALLOW }),
    });
  }
}
