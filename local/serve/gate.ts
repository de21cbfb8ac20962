import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { problemResponse } from '../../shared/api/problem.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import { breakingOff } from './break-off.ts';
import { refusal } from './guard.ts';
import { readPageFiles } from './page-files.ts';
import { type Backend, pageResponse, SEE_OTHER } from './page-routes.ts';
import { makePageSession, type PageSession } from './page-session.ts';
import { makeToken, removeToken, tokenPath, writeToken } from './token-file.ts';

/** What a server needs whatever it serves. */
export interface GateDeps {
  readonly log: Log;
  readonly clock: Pick<Clock, 'wall'>;
  /** Where the token and the key of the page's sessions are kept. */
  readonly directory: string;
  /** The folder of the page's files. */
  readonly pageRoot: string;
  readonly version: string;
  /** Told when a link was used, with the next one. */
  readonly onLinkUsed?: (link: string) => void;
}

export interface RunningServer {
  readonly url: string;
  readonly tokenFile: string;
  /** The address that opens the page, once. */
  pageLink(): string;
  /** Takes no further requests, and gives up those under way. The runner is its owner's. */
  close(): Promise<void>;
}

/** Lets requests through to the backend: those of this machine's own programs and of browsers that were let in. */
export async function openGate(deps: GateDeps, backend: Backend, host: string, port: number): Promise<RunningServer> {
  const token = makeToken();
  const files = readPageFiles(deps.pageRoot);
  const gate: { session?: PageSession; url: string } = { url: '' };
  const answer = async (request: Request, environment: HttpBindings): Promise<Response> => {
    const { session } = gate;
    const refused = refusal(request, {
      token,
      isSignedIn: (cookies) => session?.isSignedIn(cookies) ?? false,
      isOpen: (path) => files.at(path) !== undefined,
    });
    if (refused) return refuse(refused, request);
    const page = session && pageResponse(request, { files, session, backend, version: deps.version });
    if (session && page?.status === SEE_OTHER) deps.onLinkUsed?.(linkOf(gate.url, session));
    const response = page ?? (await backend.fetch(request, environment));
    // A page that stood open while the server was replaced learns of it with its next request.
    response.headers.set('portfleet-page', deps.version);
    return breakingOff(response, environment.outgoing, deps.log);
  };
  const server = createAdaptorServer({
    // Only node:http's own server is made here, never the one for HTTP/2.
    fetch: (request, environment) => answer(request, environment as HttpBindings),
    overrideGlobalObjects: false,
  }) as HttpServer;
  const address = await listen(server, host, port);
  gate.url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  const session = makePageSession(join(deps.directory, 'page.key'), address.port, deps.clock.wall);
  gate.session = session;
  const tokenFile = tokenPath(deps.directory, address.port);
  writeToken(tokenFile, token);
  return {
    url: gate.url,
    tokenFile,
    pageLink: () => linkOf(gate.url, session),
    async close() {
      removeToken(tokenFile);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const linkOf = (url: string, session: PageSession): string => `${url}/?token=${session.token()}`;

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
