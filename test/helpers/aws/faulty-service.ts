import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { TELLING } from '../../../lambdas/aws/clients.ts';

/** What a service may do to a caller, and in words. */
export const FAULTS = {
  half: 'answers 500 half of the time',
  'half-taken': 'takes what it is told and answers 500 half of the time',
  down: 'is down, and then up again',
  slow: 'takes what it is told and then keeps the caller waiting, half of the time',
} as const;
export type Fault = keyof typeof FAULTS | 'none';

/** Gives up at once, so that it is the delivery that is tried again, and not the call. */
export const HASTY: typeof TELLING = {
  maxAttempts: 1,
  requestHandler: { ...TELLING.requestHandler, connectionTimeout: 300, requestTimeout: 300 },
};

type Take = (status: number, headers: IncomingHttpHeaders, body: string) => void;

/** A server in front of a service; gives its address. `pass` hands a request on, and `take` takes the answer back. */
export async function faulty(
  fault: Fault,
  pass: (request: IncomingMessage, body: Buffer, take: Take) => void,
): Promise<string> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    calls += 1;
    const isOdd = calls % 2 === 1;
    if (fault === 'half' && isOdd) return void response.writeHead(500).end('{}');
    if (fault === 'down' && calls <= 3) return void request.socket.destroy();
    pass(request, Buffer.concat(pieces), (status, headers, body) => {
      if (fault === 'slow' && isOdd) return;
      if (fault === 'half-taken' && isOdd) return void response.writeHead(500).end('{}');
      const { 'content-type': type = 'application/json' } = headers;
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
