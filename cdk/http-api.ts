import { Names, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi as ApiGateway, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** Requests a second over all callers. The command asks twice a second while it follows a scan. */
const RATE_LIMIT = 50;
const BURST_LIMIT = 100;

/** Who, when, from where and what: the audit trail of every request, refused ones too. */
const AUDIT = JSON.stringify({
  requestTime: '$context.requestTime',
  requestId: '$context.requestId',
  caller: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.message',
});

export interface HttpApiProps {
  readonly handler: LambdaFunction;
  readonly retain: boolean;
}

/** Every path goes to the one function, and every request has to be signed (SigV4). */
export class HttpApi extends Construct {
  readonly api: ApiGateway;
  readonly url: string;

  constructor(scope: Construct, id: string, { handler, retain }: HttpApiProps) {
    super(scope, id);
    this.api = new ApiGateway(this, 'Api', {
      description: 'Portfleet',
      defaultAuthorizer: new HttpIamAuthorizer(),
      createDefaultStage: false,
    });
    this.api.addRoutes({
      path: '/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Function', handler),
    });
    const log = new LogGroup(this, 'AccessLog', {
      // Names that begin so need no resource policy of their own, which would outlive the stack.
      logGroupName: `/aws/vendedlogs/portfleet/${Names.uniqueResourceName(this, { maxLength: 100 })}`,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: RATE_LIMIT, burstLimit: BURST_LIMIT },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: AccessLogFormat.custom(AUDIT) },
    });
    this.url = stage.url;
  }
}
