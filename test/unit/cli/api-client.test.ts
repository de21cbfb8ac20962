import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { makeApiClient } from '../../../cli/remote/api-client.ts';
import { ok } from '../../../shared/domain/result.ts';

type Answer = (response: ServerResponse) => void;

/** What API Gateway says when a stage is throttled, and when the function has no room to run. */
const throttled: Answer = (response) => response.writeHead(429).end('{"message":"Too Many Requests"}');
const noRoom: Answer = (response) => response.writeHead(503).end('{"message":"Service Unavailable"}');
const unreachable: Answer = (response) => response.writeHead(502).end();
const fine: Answer = (response) => response.writeHead(200).end('{"fine":true}');

/** A client of a gateway that answers so, one after the other, the last for ever; its pauses take no time. */
async function bench(...answers: Answer[]) {
  let calls = 0;
  const server = createServer((_, response) => {
    calls += 1;
    (answers.length > 1 ? answers.shift() : answers[0])?.(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  const pauses: number[] = [];
  const client = makeApiClient({
    endpoint: {
      url: `http://127.0.0.1:${port}`,
      host: '127.0.0.1',
      isLoopback: true,
      port,
      region: null,
      service: 'execute-api',
    },
    authorise: async ({ headers }) => ({ ...headers }),
    clock: {
      after: (length, wake) => {
        pauses.push(length);
        const timer = setImmediate(wake);
        return () => clearImmediate(timer);
      },
    },
    version: '0',
  });
  const ask = () => client.ask(z.object({ fine: z.boolean() }), { method: 'GET', path: '/scans' });
  return { ask, pauses, calls: () => calls };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('The client of a deployment', () => {
  it('rides out a gateway that throttles, and workers that leave the API no room', async () => {
    const { ask, calls } = await bench(throttled, noRoom, throttled, noRoom, throttled, noRoom, fine);
    expect(await ask()).toEqual(ok({ fine: true }));
    expect(calls()).toBe(7);
  });

  it('gives up after a minute of that, and says what it is', async () => {
    const { ask, pauses } = await bench(throttled);
    await expect(ask()).rejects.toThrow(/answered 429: it has too much to do/);
    expect(sum(pauses)).toBeGreaterThanOrEqual(60_000);
    expect(sum(pauses)).toBeLessThan(90_000);
  });

  it('does not wait as long for a gateway that reaches no server', async () => {
    const { ask, pauses } = await bench(unreachable);
    await expect(ask()).rejects.toThrow(/answered 502\./);
    expect(sum(pauses)).toBeLessThan(5_000);
  });
});
