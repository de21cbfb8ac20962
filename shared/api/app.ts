import { type Context, Hono } from 'hono';
import { type ErrorValue, errorValue, PortfleetError } from '../domain/errors.ts';
import type { ApiDeps } from './api-deps.ts';
import { openApi } from './openapi.ts';
import { problemResponse } from './problem.ts';
import { matchesPath, type Route } from './route.ts';
import { ROUTES } from './routes.ts';

/** What every answer says: nothing here is for a cache, and nothing is to be taken for another type than it says. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const DESCRIPTION = '/openapi.json';

/**
 * The HTTP API over whatever the deps are made of. It checks no credentials: whoever mounts it does that before, API
 * Gateway with IAM, the local server with its token.
 */
export function makeApi(deps: ApiDeps): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
    context.res.headers.set('portfleet-version', deps.version);
    const { method, path } = context.req;
    deps.log.info('answered', { method, path, status: context.res.status });
  });
  for (const route of ROUTES) app.on(route.method, honoPath(route.path), (context) => answer(route, context, deps));
  let description: ReturnType<typeof openApi> | undefined;
  app.get(DESCRIPTION, (context) => {
    description ??= openApi(deps.version);
    return context.json({ ...description, servers: [{ url: new URL(context.req.url).origin }] });
  });
  app.notFound((context) => unknown(context));
  app.onError((error, context) => failed(error, context, deps));
  return app;
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

async function answer(route: Route, context: Context, deps: ApiDeps): Promise<Response> {
  const result = await route.handle(context, deps);
  return result.ok ? result.value : problem(result.errors, context, deps);
}

function problem(errors: readonly ErrorValue[], context: Context, { clock }: Pick<ApiDeps, 'clock'>): Response {
  const wait = retryAfter(errors[0], clock.wall());
  return problemResponse(errors, context.req.path, wait === undefined ? {} : { 'retry-after': `${wait}` });
}

const DAY = 86_400_000;

/** A scan of a caller who has too many is over within a minute, as a rule. */
const NEXT_SCAN = 60;

/** Seconds after which a refused request may do better; undefined where waiting changes nothing. */
function retryAfter(refused: ErrorValue | undefined, now: number): number | undefined {
  if (refused?.code === 'PROBES_SPENT') return Math.ceil((DAY - (now % DAY)) / 1_000);
  return refused?.code === 'TOO_MANY_SCANS' ? NEXT_SCAN : undefined;
}

/** Nothing is registered for this method and path: is it the path or the method? */
function unknown(context: Context): Response {
  const { method, path } = context.req;
  const allowed = [...ROUTES.filter((route) => matchesPath(route, path)).map((route) => route.method)];
  if (path === DESCRIPTION) allowed.push('GET');
  if (allowed.length === 0) return problemResponse([errorValue('ROUTE_UNKNOWN', `There is no "${path}".`)], path);
  const detail = `${path} takes ${allowed.join(', ')}, not ${method}.`;
  return problemResponse([errorValue('METHOD_UNSUPPORTED', detail)], path, { allow: allowed.join(', ') });
}

/** Errors that were thrown have their names; of anything else the caller learns no more than that it happened. */
function failed(error: Error, context: Context, deps: ApiDeps): Response {
  if (error instanceof PortfleetError) return problem(error.errors, context, deps);
  deps.log.warn('request-failed', { method: context.req.method, path: context.req.path, error: error.message });
  return problemResponse([errorValue('UNEXPECTED', 'The request could not be carried out.')], context.req.path);
}
