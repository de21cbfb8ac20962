import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';

/** As bytes, written by whoever can reach the port: what an HTTP client would not send. */
function opened({ url }: ApiUnderTest, text: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write(text, 'latin1');
  return socket;
}

/** The status of the answer; 0 where the connection is closed without one. */
async function statusOf(socket: Socket): Promise<number> {
  const [first] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [Buffer | boolean];
  return typeof first === 'boolean' ? 0 : Number(/^HTTP\/1\.1 (\d{3})/.exec(first.toString('latin1'))?.[1]);
}

const JSON_BODY = 'Content-Type: application/json\r\n';
const HALF = 'POST /scans HTTP/1.1\r\n@';

/** "@" stands for the headers of an own program. What comes back is a refusal, or what any client gets. */
const REQUESTS: readonly (readonly [what: string, text: string, status: number])[] = [
  ['a body of a terabyte', `${HALF}${JSON_BODY}Content-Length: 1000000000000\r\n\r\n{`, 413],
  ['a body of less than nothing', `${HALF}${JSON_BODY}Content-Length: -5\r\n\r\n{}`, 400],
  ['two lengths', `${HALF}${JSON_BODY}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}a`, 400],
  ['a length and pieces', `${HALF}${JSON_BODY}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['a body as gzip that is none', `${HALF}${JSON_BODY}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`, 400],
  ['20 KB of cookies', `GET / HTTP/1.1\r\n@Cookie: ${'a=b; '.repeat(4_000)}\r\n\r\n`, 431],
  ['a NUL in a path', 'GET /scans/\0 HTTP/1.1\r\n@\r\n', 400],
  ['an encoded NUL in a path', 'GET /scans/%00 HTTP/1.1\r\n@\r\n', 404],
  ['a path that is no UTF-8', 'GET /scans/%ff%fe HTTP/1.1\r\n@\r\n', 404],
  ['a way up, encoded', 'GET /..%2f..%2f..%2fetc/passwd HTTP/1.1\r\n@\r\n', 404],
  ['a way up, as it is', 'GET /../../../../etc/passwd HTTP/1.1\r\n@\r\n', 404],
  ['a way up, of another system', 'GET /..%5cportfleet.db HTTP/1.1\r\n@\r\n', 404],
  ['the key of the sessions', 'GET /page.key HTTP/1.1\r\n@\r\n', 404],
  ['an address that is none', 'GET http://[::1 HTTP/1.1\r\n@\r\n', 400],
  ['a tunnel', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\n@\r\n', 0],
  ['a method that is none here', 'TRACE /scans HTTP/1.1\r\n@\r\n', 405],
  ['two hosts', 'GET /scans HTTP/1.1\r\n@Host: other\r\n\r\n', 403],
  ['two tokens', 'GET /scans HTTP/1.1\r\n@Authorization: Bearer x\r\n\r\n', 401],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['thousands of parameters', `GET /scans?${'a&'.repeat(7_000)} HTTP/1.1\r\n@\r\n`, 400],
  ['digits of another script', 'GET /scans?limit=%D9%A1 HTTP/1.1\r\n@\r\n', 400],
  ['a line break in a name', 'POST /scans?name=a%E2%80%A8b HTTP/1.1\r\n@\r\n', 400],
];

describe('The local server, of a stranger to its protocol,', () => {
  const start = async () => {
    const api = await startApi();
    const own = `Host: ${new URL(api.url).host}\r\nAuthorization: Bearer ${api.token}\r\n`;
    const health = () => statusOf(opened(api, `GET /health HTTP/1.1\r\n${own}\r\n`));
    return { api, own, health };
  };

  it('refuses what is no request of the API, and answers the next one', async () => {
    const { api, own, health } = await start();
    const answers = REQUESTS.map(async ([what, text]) => [what, await statusOf(opened(api, text.replace('@', own)))]);
    expect(await Promise.all(answers)).toEqual(REQUESTS.map(([what, , status]) => [what, status]));
    expect(await health()).toBe(200);
  });

  it('answers others while 300 requests have no end, in their headers and in their bodies', async () => {
    const { api, own, health } = await start();
    const halves = [
      'GET / HTTP/1.1\r\nHost: x\r\n',
      `${HALF.replace('@', own)}${JSON_BODY}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
      `${HALF.replace('@', own)}${JSON_BODY}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{`,
    ];
    const open = halves.flatMap((half) => Array.from({ length: 100 }, () => opened(api, half)));
    await Promise.all(open.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
    expect(await health()).toBe(200);
  });

  it('takes no more of a body in endless pieces than a body may have', async () => {
    const { api, own } = await start();
    const socket = opened(api, `${HALF.replace('@', own)}${JSON_BODY}Transfer-Encoding: chunked\r\n\r\n`);
    const answered = statusOf(socket);
    let isAnswered = false;
    const status = answered.finally(() => {
      isAnswered = true;
    });
    for (let piece = 0; !isAnswered && piece < 10_000; piece++) {
      if (!socket.write(`1000\r\n${'a'.repeat(4_096)}\r\n`)) await Promise.race([once(socket, 'drain'), answered]);
    }
    expect(await status).toBe(413);
  });
});
