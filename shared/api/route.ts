import type { Context } from 'hono';
import type * as z from 'zod/mini';
import type { ErrorCode } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import type { ApiDeps } from './api-deps.ts';
import type { QueryFields } from './read-query.ts';

/** What a route answers where all is well. */
export interface RouteAnswer {
  readonly status: 200 | 202 | 204;
  readonly description: string;
  /** Of a JSON body; a route without one names its media types, or has no body. */
  readonly schema?: z.ZodMiniType;
  readonly mediaTypes?: readonly string[];
}

/** A request header that a route reads. */
export interface HeaderField {
  readonly name: string;
  readonly description: string;
  /** Any text when left out. */
  readonly schema?: z.ZodMiniType;
}

/**
 * One route: how it is carried out, and all that `/openapi.json` says of it. The server and the description are made
 * from the same list of these, so neither can have a route that the other lacks.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: "/scans/{id}". */
  readonly path: `/${string}`;
  /** The name of the operation, as a program that is made from the description would call it. */
  readonly id: string;
  readonly summary: string;
  /** The local server answers without its token: it tells nothing about scans. */
  readonly isPublic?: true;
  readonly query?: QueryFields;
  readonly headers?: readonly HeaderField[];
  readonly body?: z.ZodMiniType;
  readonly answers: readonly RouteAnswer[];
  /** What may go wrong here, beside what may go wrong anywhere. */
  readonly errors: readonly ErrorCode[];
  /** The answer, or the errors that the app makes a problem of. */
  handle(context: Context, deps: ApiDeps): Promise<Result<Response>>;
}

/** Whether a path is one of the route's: "/scans/x" of "/scans/{id}". */
export const matchesPath = ({ path: pattern }: Pick<Route, 'path'>, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
