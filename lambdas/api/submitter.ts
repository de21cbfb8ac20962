import type { Submitter } from '../../shared/domain/scan.ts';

/** What API Gateway says of a request; with IAM on every route there is always a principal. */
interface HttpApiEnvironment {
  readonly event: {
    readonly requestContext: {
      readonly http?: { readonly sourceIp?: string };
      readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
    };
  };
}

/** Everyone whom API Gateway lets in without a name, which an emulator does: one caller, with one quota. */
const NAMELESS = 'unknown';

/** Who asks, by the signature that API Gateway has checked. */
export function submitterOf(environment: unknown): Submitter {
  const { http, authorizer } = (environment as HttpApiEnvironment).event.requestContext;
  return { caller: authorizer?.iam?.userArn ?? NAMELESS, sourceAddress: http?.sourceIp ?? null };
}
