import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@smithy/core/checksum';
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';
import { SignatureV4 } from '@smithy/signature-v4';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Endpoint } from './endpoint-url.ts';

/** A request as it will be sent, before it says who sends it. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The headers of the request, with those that say who sends it. */
export type Authorise = (request: UnsignedRequest) => Promise<Record<string, string>>;

/**
 * Signs requests with AWS Signature Version 4, as whom the usual chain of credentials says: the environment, a profile
 * (also of SSO, of a role, of a process), the container or the machine. Credentials that run out are looked up again.
 *
 * @throws PortfleetError REGION_UNKNOWN; the signer itself CREDENTIALS_MISSING
 */
export async function makeSigner(endpoint: Endpoint): Promise<Authorise> {
  const credentials = defaultProvider();
  const signer = new SignatureV4({
    service: endpoint.service,
    region: endpoint.region ?? (await configuredRegion(endpoint)),
    credentials: () => credentials().catch(explain),
    sha256: Sha256,
  });
  return async ({ method, url, headers, body }) => {
    const { headers: signed } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
      body,
    });
    // The client writes the host itself, from the same URL.
    const { host, ...rest } = signed;
    return rest;
  };
}

/** AWS_REGION, or what the profile says. */
async function configuredRegion({ host }: Endpoint): Promise<string> {
  try {
    return await loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)();
  } catch (error) {
    throw new PortfleetError([errorValue('REGION_UNKNOWN', `Nothing says which region "${host}" is in.`)], {
      cause: error,
    });
  }
}

/** The chain's own words name the profile and the command that mends it ("aws sso login"). */
function explain(error: unknown): never {
  const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  throw new PortfleetError([errorValue('CREDENTIALS_MISSING', `No AWS credentials: ${why}`)], { cause: error });
}
