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
    const invoking = client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }));
    // A fleet that is busy, or cannot be reached: who asks again after a while is answered.
    const { Payload, FunctionError } = await invoking.catch((error: unknown) => {
      throw unavailable(error instanceof Error ? error.name : 'unknown');
    });
    if (FunctionError !== undefined) throw unavailable(FunctionError);
    return JSON.parse(new TextDecoder().decode(Payload)) as readonly Address[];
  },
});

const unavailable = (cause: string): PortfleetError =>
  new PortfleetError([errorValue('RESOLVER_UNAVAILABLE', `No worker could be asked for an address (${cause}).`)]);

/** A worker that is asked for the addresses of a name may have to start first, and waits for a name server. */
const INVOCATION_PATIENCE = { ...PATIENCE, requestTimeout: 8_000 };

export const makeLambdaClient = (): LambdaClient =>
  new LambdaClient({ ...config, requestHandler: INVOCATION_PATIENCE });
