import type { HttpBindings } from '@hono/node-server';
import { type ScanId, scanId } from '../../shared/domain/units.ts';
import type { PageFiles } from './page-files.ts';
import type { PageSession } from './page-session.ts';

/** What stands behind the gate: the API of this machine, or the way to a fleet. */
export interface Backend {
  readonly fetch: (request: Request, environment: HttpBindings) => Promise<Response>;
  /** The address of the fleet; null on one machine. */
  readonly endpoint: string | null;
  /** A stream of events of a scan; null where there is none, and the page asks. */
  readonly events: ((id: ScanId) => Response) | null;
}

export interface PageDeps {
  readonly files: PageFiles;
  readonly session: PageSession;
  readonly backend: Pick<Backend, 'endpoint' | 'events'>;
  readonly version: string;
}

export const SEE_OTHER = 303;

/**
 * What the page needs beside the HTTP API: its files, the way in, what it stands over, and events. Undefined for what
 * is none of these; whoever asks was let through the gate before.
 */
export function pageResponse(request: Request, deps: PageDeps): Response | undefined {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== 'GET') return undefined;
  const token = searchParams.get('token');
  if (pathname === '/' && token !== null) return signIn(deps.session.redeem(token));
  if (pathname === '/page.json') return pageInfo(deps);
  if (pathname.startsWith('/events/')) return events(pathname.slice('/events/'.length), deps);
  return deps.files.at(pathname);
}

/** The token leaves the address at once, whether it was good or not: it must not stay in the browser's history. */
function signIn(cookie: string | undefined): Response {
  const headers = new Headers({ location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  if (cookie) headers.set('set-cookie', cookie);
  return new Response(null, { status: SEE_OTHER, headers });
}

function pageInfo({ backend, version }: PageDeps): Response {
  const { endpoint, events } = backend;
  return Response.json({ version, endpoint, live: events ? 'events' : 'poll' }, { headers: NO_STORE });
}

const NO_STORE = { 'cache-control': 'no-store' };

function events(text: string, { backend }: PageDeps): Response | undefined {
  const id = scanId(text);
  return id && backend.events?.(id);
}
