import * as z from 'zod/mini';
import { pauseAfterTry, TRIES_IF_BUSY } from '../../shared/api/busy-pauses.ts';
import { type Problem, problemSchema } from '../../shared/api/problem.ts';
import { type ErrorValue, errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Millis } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Endpoint } from './endpoint-url.ts';
import type { Authorise } from './sign-request.ts';

export interface ClientDeps {
  readonly endpoint: Endpoint;
  readonly authorise: Authorise;
  readonly clock: Pick<Clock, 'after'>;
  readonly version: string;
}

/** What is asked for: a path with its query, below the endpoint. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ApiClient {
  /**
   * Asks, and reads the answer by its schema. Errors of the request itself are the result; those of the way to it are
   * thrown. What did not arrive is asked again: so a POST needs an Idempotency-Key, or must do no harm twice.
   *
   * @throws PortfleetError for an endpoint that does not answer, does not let us in, or has enough of us
   */
  ask<Value>(schema: z.ZodMiniType<Value>, wanted: ApiRequest): Promise<Result<Value>>;
}

/** Of an answer without a body. */
export const noAnswerSchema: z.ZodMiniType<undefined> = z.undefined();

/**
 * Pages, one after the other, until the last. An endpoint whose cursors go round in a circle would be asked for ever: the
 * cursor of every second, fourth, eighth… page is kept, and must not come back (Brent's algorithm).
 *
 * @throws PortfleetError ANSWER_UNREADABLE
 */
export async function* allPages<Page extends { readonly cursor: string | null }>(
  read: (cursor: string | null) => Promise<Page>,
): AsyncGenerator<Page, void, void> {
  let [cursor, kept]: (string | null)[] = [null, null];
  for (let count = 1; ; count++) {
    const page: Page = await read(cursor ?? null);
    yield page;
    if (page.cursor === null) return;
    if (page.cursor === cursor || page.cursor === kept) {
      throw new PortfleetError([errorValue('ANSWER_UNREADABLE', 'The pages of the endpoint go round in a circle.')]);
    }
    cursor = page.cursor;
    if (Number.isInteger(Math.log2(count))) kept = cursor;
  }
}

/** Tries of one request; with the pauses below, 3.5 s for a deployment that is just being updated. */
const TRIES = 4;

/** API Gateway gives up after 30 s; a local report of a huge scan may take as long. */
const ANSWER_WITHIN = 35_000;

export function makeApiClient(deps: ClientDeps): ApiClient {
  return {
    async ask(schema, wanted) {
      for (let tried = 1; ; tried++) {
        const answer = await attempt(deps, wanted);
        if (answer.kind === 'answered') return readAnswer(schema, answer, deps);
        if (tried === (answer.kind === 'busy' ? TRIES_IF_BUSY : TRIES)) throw new PortfleetError([answer.error]);
        await sleep(deps, pauseAfterTry(tried), wanted.signal);
      }
    },
  };
}

/** An answer that arrived whole. */
interface Answer {
  readonly status: number;
  readonly isSuccess: boolean;
  readonly text: string;
}

type Attempt =
  | ({ readonly kind: 'answered' } & Answer)
  | { readonly kind: 'try-again' | 'busy'; readonly error: ErrorValue };

/** Answers of a gateway that reaches no server just now. */
const PASSING: ReadonlySet<number> = new Set([502, 504]);

/** Answers of a gateway that throttles, or whose function has no room to run. */
const BUSY: ReadonlySet<number> = new Set([429, 503]);

async function attempt({ endpoint, authorise, version }: ClientDeps, wanted: ApiRequest): Promise<Attempt> {
  const url = new URL(`${endpoint.url}${wanted.path}`);
  const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  const headers = {
    accept: 'application/json',
    'user-agent': `portfleet/${version}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...wanted.headers,
  };
  const authorised = await authorise({ method: wanted.method, url, headers, body });
  const timeout = AbortSignal.timeout(ANSWER_WITHIN);
  try {
    const response = await fetch(url, {
      method: wanted.method,
      headers: authorised,
      redirect: 'error',
      signal: wanted.signal ? AbortSignal.any([wanted.signal, timeout]) : timeout,
      ...(body !== undefined && { body }),
    });
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
    const isBusy = BUSY.has(response.status);
    if (isProblem || !(isBusy || PASSING.has(response.status))) {
      const text = await readText(response, endpoint);
      return { kind: 'answered', status: response.status, isSuccess: response.ok, text };
    }
    const why = isBusy ? ': it has too much to do' : '';
    return {
      kind: isBusy ? 'busy' : 'try-again',
      error: errorValue('ENDPOINT_UNREACHABLE', `${endpoint.url} answered ${response.status}${why}.`),
    };
  } catch (error) {
    wanted.signal?.throwIfAborted();
    if (error instanceof PortfleetError) throw error;
    return {
      kind: 'try-again',
      error: errorValue('ENDPOINT_UNREACHABLE', `${endpoint.url} does not answer: ${causeOf(error)}.`),
    };
  }
}

/** An answer of Portfleet's is a page of 10 MB at the most, which is the limit of API Gateway. */
const LARGEST_ANSWER = 16 * 2 ** 20;

/** The text of an answer; one that never ends is given up. */
async function readText(response: Response, { url }: Endpoint): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > LARGEST_ANSWER) {
      throw new PortfleetError([errorValue('ANSWER_UNREADABLE', `${url} answers without an end.`)]);
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

/** fetch says "fetch failed" of everything; the cause knows more. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

function readAnswer<Value>(
  schema: z.ZodMiniType<Value>,
  { status, isSuccess, text }: Answer,
  deps: ClientDeps,
): Result<Value> {
  const answer = parseJson(text);
  const problem = problemSchema.safeParse(answer);
  if (!isSuccess && problem.success) return errorsOf(problem.data);
  if (status === 401 || status === 403) throw notLetIn(status, answer, deps.endpoint);
  const read = schema.safeParse(answer);
  if (isSuccess && read.success) return ok(read.data);
  const detail = `${deps.endpoint.url} answered ${status} with something that is not Portfleet's.`;
  throw new PortfleetError([errorValue('ANSWER_UNREADABLE', detail)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of the caller, the quota and the server no change of the request is of help: they end the command. */
function errorsOf({ status, faults }: Problem): Result<never> {
  const known: ErrorValue[] = faults.map(({ code, detail, mend, at }) => ({
    code,
    detail,
    hint: mend,
    ...(at && { at }),
  }));
  if (status === 401 || status === 429 || status >= 500) throw new PortfleetError(known);
  return err(...known);
}

/** What API Gateway says before the request reaches us: {"message": "Forbidden"}, or in capitals. */
function notLetIn(status: number, answer: unknown, { url }: Endpoint): PortfleetError {
  const words = Object.entries(typeof answer === 'object' && answer !== null ? answer : {});
  const message = words.find(([name]) => name.toLowerCase() === 'message')?.[1];
  const why = typeof message === 'string' ? `: ${message}` : ` (${status})`;
  return new PortfleetError([errorValue('CREDENTIALS_REFUSED', `${url} does not let these credentials in${why}.`)]);
}

function sleep({ clock }: ClientDeps, length: Millis, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const takeBack = clock.after(length, resolve);
    signal?.addEventListener('abort', () => {
      takeBack();
      reject(signal.reason);
    });
  });
}
