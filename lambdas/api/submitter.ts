import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import type { Submitter } from '../../shared/domain/scan.ts';

/** What hono hands on of a request; with IAM on every route there is always a principal. */
interface HonoEnvironment {
  readonly event: Pick<APIGatewayProxyEventV2WithIAMAuthorizer, 'requestContext'>;
}

/** Everyone whom API Gateway lets in without a name, which an emulator does: one caller, with one quota. */
const NAMELESS = 'unknown';

/** Who asks, by the signature that API Gateway has checked. */
export function submitterOf(environment: unknown): Submitter {
  const { http, authorizer } = (environment as HonoEnvironment).event.requestContext;
  return { caller: authorizer?.iam?.userArn ?? NAMELESS, sourceAddress: http?.sourceIp ?? null };
}
