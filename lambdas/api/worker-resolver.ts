import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Address } from '../../shared/domain/units.ts';
import type { Resolver } from '../../shared/seams/resolver.ts';
import { config, PATIENCE } from '../aws/clients.ts';
import type { ResolveRequest } from '../worker/resolve.ts';

/** Has names resolved by a worker, where it stands: the private zones of a VPC answer nowhere else. */
export const makeWorkerResolver = (client: LambdaClient, FunctionName: string): Resolver => ({
  resolve: async (name) => {
    const request: ResolveRequest = { resolve: name };
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }),
    );
    if (FunctionError !== undefined) {
      const detail = `The worker that resolves names failed (${FunctionError}).`;
      throw new PortfleetError([errorValue('STORE_UNAVAILABLE', detail, { hint: 'Try again in a while.' })]);
    }
    return JSON.parse(new TextDecoder().decode(Payload)) as readonly Address[];
  },
});

/** A worker that is asked for the addresses of a name may have to start first, and waits for a name server. */
const INVOCATION_PATIENCE = { ...PATIENCE, requestTimeout: 8_000 };

export const makeLambdaClient = (): LambdaClient =>
  new LambdaClient({ ...config, requestHandler: INVOCATION_PATIENCE });
