import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionProcess } from './function-process.ts';

/** Lambda's own API, as far as one function invokes another: each call at a time has a process of the function's own. */
export interface InvokeEndpoint {
  readonly url: string;
  /** The names that functions were invoked by. */
  readonly invoked: readonly string[];
  stop(): void;
}

export async function startInvokeEndpoint(start: () => Promise<FunctionProcess>): Promise<InvokeEndpoint> {
  const [free, invoked]: [FunctionProcess[], string[]] = [[], []];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    invoked.push(decodeURIComponent(name));
    let body = '';
    for await (const part of request) body += part;
    const lambda = free.pop() ?? (await start());
    const how = await lambda.invoke(JSON.parse(body));
    free.push(lambda);
    if (how.kind !== 'response') response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(JSON.stringify(how.kind === 'response' ? how.value : { errorMessage: how.kind }));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoked,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
