import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { LambdaFunctionURLEventWithIAMAuthorizer } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeHandler } from '../../../lambdas/reports/handler.ts';
import { keepWords } from '../../helpers/lambda/quiet.ts';

const PIECE = 'x'.repeat(100_000);

interface Meta {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
}

let told: Meta | undefined;

beforeEach(() => {
  told = undefined;
  vi.stubGlobal('awslambda', {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from: (stream: Writable, meta: Meta) => {
        told = meta;
        return stream;
      },
    },
  });
});

/** A reader that takes a piece when the last is in, and how many bytes it has. */
function reader() {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write: (piece: Buffer, _, taken) => {
      pieces.push(piece);
      setImmediate(taken);
    },
  });
  return {
    stream,
    bytes: () => Buffer.concat(pieces),
    taken: () => pieces.reduce((sum, each) => sum + each.length, 0),
  };
}

const event = (path: string, headers: Record<string, string> = {}): LambdaFunctionURLEventWithIAMAuthorizer =>
  ({
    rawPath: path,
    rawQueryString: 'format=json',
    headers,
    requestContext: { domainName: 'abc.lambda-url.eu-central-1.on.aws', http: { method: 'GET' } },
  }) as unknown as LambdaFunctionURLEventWithIAMAuthorizer;

/** A document of so many pieces, made one by one; `ahead` is by how many bytes the making was ever ahead of the reading. */
function documentOf(pieces: number, taken: () => number, failAt = Number.POSITIVE_INFINITY) {
  const made = { bytes: 0, ahead: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (made.bytes >= failAt * PIECE.length) throw new Error('the table is down');
        if (made.bytes === pieces * PIECE.length) return controller.close();
        made.bytes += PIECE.length;
        made.ahead = Math.max(made.ahead, made.bytes - taken());
        controller.enqueue(new TextEncoder().encode(PIECE));
      },
    },
    { highWaterMark: 0 },
  );
  return { made, response: new Response(body, { headers: { 'content-type': 'application/json' } }) };
}

describe('The function for reports', () => {
  it('streams a report that no gateway would carry, making no more of it than its reader takes', async () => {
    const { stream, taken } = reader();
    const { made, response } = documentOf(300, taken);
    await makeHandler({ fetch: () => response }, keepWords().log)(event('/scans/ID/report'), stream);
    expect(taken()).toBe(300 * PIECE.length);
    expect(told).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/json' } });
    expect(made.ahead).toBeLessThan(10 * PIECE.length);
  });

  it('compresses it only for clients that accept that', async () => {
    for (const [accepts, zips] of [
      ['br, gzip;q=0.8', true],
      ['gzip', true],
      ['gzip;q=0', false],
      ['identity', false],
    ] as const) {
      const { stream, bytes, taken } = reader();
      const { response } = documentOf(3, taken);
      const handler = makeHandler({ fetch: () => response }, keepWords().log);
      await handler(event('/scans/ID/diff', { 'accept-encoding': accepts }), stream);
      expect(told?.headers['content-encoding']).toBe(zips ? 'gzip' : undefined);
      expect((zips ? gunzipSync(bytes()) : bytes()).toString()).toBe(PIECE.repeat(3));
    }
  });

  it('breaks an answer off that fails half-way, and does not end it as if it were whole', async () => {
    const { stream, taken } = reader();
    const { response } = documentOf(10, taken, 4);
    const kept = keepWords();
    const handler = makeHandler({ fetch: () => response }, kept.log);
    await expect(handler(event('/scans/ID/report'), stream)).rejects.toThrow('the table is down');
    expect(stream.destroyed).toBe(true);
    expect(stream.writableFinished).toBe(false);
    expect(kept.events.map(({ event: name }) => name)).toEqual(['answer-broken-off']);
  });

  it('answers for reports and differences alone: the rest is the gateway’s, which throttles and keeps a record', async () => {
    for (const path of ['/scans', '/scans/ID', '/scans/ID/cancel', '/scans/ID/report/more']) {
      const { stream } = reader();
      await makeHandler({ fetch: () => expect.unreachable() }, keepWords().log)(event(path), stream);
      expect(told?.statusCode).toBe(404);
    }
  });
});
