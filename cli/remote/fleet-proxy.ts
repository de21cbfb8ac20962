import { problemResponse } from '../../shared/api/problem.ts';
import { matchesPath } from '../../shared/api/route.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Endpoint } from './endpoint-url.ts';
import type { Authorise } from './sign-request.ts';

/** Headers of a request that mean something to the API; a browser's others are not passed on. */
const REQUEST_HEADERS = ['accept', 'content-type', 'idempotency-key'] as const;

/** Headers of an answer that mean something to the page. The body comes decompressed, so its length and coding go. */
const ANSWER_HEADERS = [
  'content-type',
  'content-disposition',
  'cache-control',
  'retry-after',
  'idempotency-replayed',
  'x-content-type-options',
  'portfleet-version',
] as const;

/** API Gateway gives up after 30 s. */
const ANSWER_WITHIN = 35_000;

/**
 * Carries requests of the page to a fleet, signed as the user of this machine. Only the API's own routes pass, by method
 * and path, so the way to the fleet is good for nothing else.
 */
export function makeFleetProxy(endpoint: Endpoint, authorise: Authorise): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    if (!isRoute(request.method, pathname)) {
      return problemResponse([errorValue('ROUTE_UNKNOWN', `There is no "${pathname}".`)], pathname);
    }
    try {
      return await carry(request, `${endpoint.url}${pathname}${search}`, authorise);
    } catch (error) {
      const errors =
        error instanceof PortfleetError
          ? error.errors
          : [errorValue('ENDPOINT_UNREACHABLE', `${endpoint.url} does not answer.`)];
      return problemResponse(errors, pathname);
    }
  };
}

const isRoute = (method: string, path: string): boolean =>
  ROUTES.some((route) => route.method === method && matchesPath(route, path));

async function carry(request: Request, target: string, authorise: Authorise): Promise<Response> {
  const url = new URL(target);
  const body = request.method === 'GET' ? undefined : await request.text();
  const given = REQUEST_HEADERS.flatMap((name) => {
    const value = request.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const headers = await authorise({ method: request.method, url, headers: Object.fromEntries(given), body });
  const answer = await fetch(url, {
    method: request.method,
    headers,
    redirect: 'error',
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_WITHIN)]),
    ...(body !== undefined && body !== '' && { body }),
  });
  const kept = ANSWER_HEADERS.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return notOurs(answer) ?? new Response(answer.body, { status: answer.status, headers: Object.fromEntries(kept) });
}

/** What API Gateway says before the API is reached is no problem of ours: it is told as one. */
function notOurs({ status, headers }: Response): Response | undefined {
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json');
  if (isProblem || (status !== 401 && status !== 403)) return undefined;
  return problemResponse([errorValue('CREDENTIALS_REFUSED', 'The fleet does not let these credentials in.')], '/');
}
