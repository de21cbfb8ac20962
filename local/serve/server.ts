import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { makeApi } from '../../shared/api/app.ts';
import { problemResponse } from '../../shared/api/problem.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan, Submitter } from '../../shared/domain/scan.ts';
import type { Quota } from '../../shared/seams/caller-store.ts';
import type { Log } from '../../shared/seams/log.ts';
import type { PlanDeps } from '../../shared/usecases/plan-scan.ts';
import type { LocalNode } from '../local-node.ts';
import { breakingOff } from './break-off.ts';
import { refusal } from './guard.ts';
import type { ScanRunner } from './scan-runner.ts';
import { makeToken, removeToken, tokenPath, writeToken } from './token-file.ts';

export interface ServerDeps {
  readonly node: LocalNode;
  readonly runner: ScanRunner;
  readonly planning: PlanDeps;
  readonly quota: Quota;
  readonly log: Log;
  readonly version: string;
  /** Where the token is kept. */
  readonly directory: string;
}

export interface RunningServer {
  readonly url: string;
  readonly tokenFile: string;
  /** Takes no further requests, and gives up those under way. The runner is its owner's. */
  close(): Promise<void>;
}

/** Whoever has the token is the user of this machine. */
const submitterOf = (environment: unknown): Submitter => ({
  caller: 'local',
  sourceAddress: (environment as HttpBindings).incoming.socket.remoteAddress ?? null,
});

/**
 * The HTTP API on one address of this machine, over the scans of this user.
 *
 * @param host an address of loopback; see `readHost`
 * @param port 0 for one that is free
 * @throws PortfleetError LISTEN_FAILED
 */
export async function startServer(deps: ServerDeps, host: string, port: number): Promise<RunningServer> {
  const token = makeToken();
  const { node, runner, planning } = deps;
  const api = makeApi({
    ...deps,
    ...planning,
    store: node.store,
    callers: node.callers,
    submit: async (scan: Scan) => {
      runner.enqueue(scan.id);
      return scan;
    },
    submitterOf,
    prices: null,
    mostAnswerBytes: null,
  });
  const answer = async (request: Request, environment: HttpBindings): Promise<Response> => {
    const refused = refusal(request, token);
    if (refused) return refuse(refused, request);
    return breakingOff(await api.fetch(request, environment), environment.outgoing, deps.log);
  };
  const server = createAdaptorServer({
    // Only node:http's own server is made here, never the one for HTTP/2.
    fetch: (request, environment) => answer(request, environment as HttpBindings),
    overrideGlobalObjects: false,
  }) as HttpServer;
  const address = await listen(server, host, port);
  const tokenFile = tokenPath(deps.directory, address.port);
  writeToken(tokenFile, token);
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    tokenFile,
    async close() {
      removeToken(tokenFile);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const refuse = (refused: ReturnType<typeof errorValue>, request: Request): Response =>
  problemResponse([refused], new URL(request.url).pathname, {
    ...(refused.code === 'TOKEN_WRONG' && { 'www-authenticate': 'Bearer' }),
  });

async function listen(server: HttpServer, host: string, port: number): Promise<AddressInfo> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server.address() as AddressInfo;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'something listens there' : String(error);
    throw new PortfleetError([errorValue('LISTEN_FAILED', `${host} port ${port} cannot be listened on: ${why}.`)], {
      cause: error,
    });
  }
}
