import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { LambdaFunctionURLEventWithIAMAuthorizer } from 'aws-lambda';
import { problemResponse } from '../../shared/api/problem.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import type { Log } from '../../shared/seams/log.ts';
import { errorFields } from '../json-log.ts';

/** What Lambda's runtime for Node.js has for functions that stream their answers; no package declares it. */
interface StreamingRuntime {
  streamifyResponse(handler: StreamingHandler): StreamingHandler;
  readonly HttpResponseStream: {
    from(stream: Writable, answer: { readonly statusCode: number; readonly headers: Record<string, string> }): Writable;
  };
}

type StreamingHandler = (
  event: LambdaFunctionURLEventWithIAMAuthorizer,
  stream: Writable,
  context?: unknown,
) => Promise<void>;

/** Says of which invocation the lines of the log are. It is the function that Lambda is handed that has to be marked, so it is inside. */
type Within = (handler: StreamingHandler) => StreamingHandler;

const runtime = (): StreamingRuntime => (globalThis as unknown as { readonly awslambda: StreamingRuntime }).awslambda;

/** The API as far as this function answers for it. */
interface Api {
  fetch(request: Request, environment: unknown): Response | Promise<Response>;
}

/** Whatever else the API knows is for its gateway, which throttles and keeps the record of requests. */
const STREAMED = /^\/scans\/[^/]+\/(report|diff)$/;

/**
 * Reports of any size over a function URL: a gateway takes 29 seconds and 6 MB of a function, a stream 15 minutes and
 * 200 MB. Each piece is made when the reader has taken the last, so the memory does not grow with the report. An answer that
 * fails half-way is broken off: half a document is not taken for a whole one.
 */
export const makeHandler = (api: Api, log: Log, within: Within = (handler) => handler): StreamingHandler =>
  runtime().streamifyResponse(
    within(async (event, stream, _context) => {
      const request = requestOf(event);
      const { pathname } = new URL(request.url);
      const response = STREAMED.test(pathname) ? await api.fetch(request, { event }) : notHere(pathname);
      const zips = response.body !== null && acceptsGzip(request);
      const headers = { ...Object.fromEntries(response.headers), ...(zips && { 'content-encoding': 'gzip' }) };
      const answer = runtime().HttpResponseStream.from(stream, { statusCode: response.status, headers });
      const body = response.body ? Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]) : [];
      try {
        if (zips) await pipeline(body, createGzip(), answer);
        else await pipeline(body, answer);
      } catch (error) {
        log.warn('answer-broken-off', { path: pathname, ...errorFields(error) });
        throw error;
      }
    }),
  );

function requestOf({ rawPath, rawQueryString, headers, requestContext }: LambdaFunctionURLEventWithIAMAuthorizer) {
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  const given = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method: requestContext.http.method,
    headers: Object.fromEntries(given) as Record<string, string>,
  });
}

const acceptsGzip = ({ headers }: Request): boolean =>
  /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/.test(headers.get('accept-encoding') ?? '');

const notHere = (path: string): Response =>
  problemResponse([errorValue('ROUTE_UNKNOWN', `There is no "${path}" at the endpoint for reports.`)], path);
