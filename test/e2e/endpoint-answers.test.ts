import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scanLine } from '../../shared/api/resources/scan-line.ts';
import { scanResource } from '../../shared/api/resources/scan-resource.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { runCommand } from '../helpers/run-command.ts';
import { sampleScan, sampleSummary } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { terminalEffects } from '../helpers/terminal.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const JSON_TYPE = { 'content-type': 'application/json' };

/** The command against a real server that answers so, whatever it is asked. */
async function ask(words: readonly string[], answer: Answer) {
  const server = createServer((request, response) => {
    // A client that has had enough leaves in the middle.
    response.on('error', () => {});
    answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const env = { PORTFLEET_TOKEN: 'a token', PORTFLEET_ENDPOINT: endpoint };
  const ended = await runCommand(words, { dataDir: tempDir(), env });
  return { ...ended, text: ended.stdout + ended.stderr };
}

/** Says more as fast as it is read, until the other side has had enough. */
function withoutEnd(response: ServerResponse, piece: string): void {
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

const answers = (text: string, status = 200, type = 'application/json'): Answer => {
  return (response) => void response.writeHead(status, { 'content-type': type }).end(text);
};

const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

const BROKEN: Readonly<Record<string, Answer>> = {
  'an answer that is cut off in its middle': (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
    response.write('{"items":[', () => response.destroy());
  },
  'a connection that closes before an answer': (response) => void response.destroy(),
  'an answer that never ends': (response) => withoutEnd(response.writeHead(200, JSON_TYPE), ' '.repeat(65_536)),
  'a list that never ends': (response) => {
    response.writeHead(200, JSON_TYPE).write('{"items":[');
    withoutEnd(response, '{"scanId":1},'.repeat(5_000));
  },
  'a megabyte of gzip that is a gigabyte': (response) => {
    const member = gzipSync(Buffer.alloc(2 ** 24), { level: constants.Z_BEST_SPEED });
    const whole = Buffer.concat(Array.from({ length: 64 }, () => member));
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(whole);
  },
  'gzip that is none': (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}'),
  'an empty answer': answers(''),
  'a page of another server': answers('<html>hello', 200, 'text/html'),
  'JSON nested deeper than a stack': answers(deep),
  'a problem nested deeper than a stack': answers(`{"faults":${deep}}`, 400, 'application/problem+json'),
  'a problem without errors': answers('{"faults":[]}', 400, 'application/problem+json'),
  'an answer for another question': answers('{"items":"none","cursor":7}'),
  'a redirect to somewhere else': (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'pages that go round in a circle': answers('{"items":[],"cursor":"again"}'),
  'headers without end': (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    for (let line = 0; line < 2_000; line++) response.socket?.write(`x-${line}: ${'y'.repeat(64)}\r\n`);
    response.socket?.end();
  },
};

/** What is wrong with what the command printed; at once, because the client waits before it asks again. */
async function complaints(asked: readonly Asked[], isFine: (ended: Awaited<ReturnType<typeof ask>>) => boolean) {
  const all = asked.map(async ([what, words, answer]) => ({ what, ...(await ask(words, answer)) }));
  return (await Promise.all(all)).filter((ended) => !isFine(ended));
}

type Asked = readonly [what: string, words: readonly string[], answer: Answer];

const STACK = /^ +at .*\.mjs|should not happen/m;

describe('An endpoint that breaks off, never ends or answers nonsense', () => {
  it('is told of in a sentence, without a stack', async () => {
    const asked = Object.entries(BROKEN).map(([what, answer]): Asked => [what, ['list'], answer]);
    const isFine = ({ code, stdout, stderr }: Awaited<ReturnType<typeof ask>>) =>
      code === 1 &&
      stdout === '' &&
      /^portfleet: (?:http:\/\/127\.0\.0\.1:\d+|The pages of the endpoint) /.test(stderr) &&
      !STACK.test(stderr) &&
      stderr.length < 1_000;
    expect(await complaints(asked, isFine)).toEqual([]);
  });
});

/** What a stranger would have a terminal do: a title, a cleared screen, colours, text the other way round, a line of its own. */
const HOSTILE = 'x\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\r\nportfleet: all is well\u0000\u2028\u0085y';

const hostile = (): Scan => {
  const scan = sampleScan({ status: 'complete-with-gaps', summary: sampleSummary() });
  return {
    ...scan,
    finishedAt: scan.submittedAt,
    request: { targets: [HOSTILE], exclude: [HOSTILE], ports: HOSTILE },
    names: [{ name: HOSTILE, addresses: scan.names[0]?.addresses ?? [] }],
    submittedBy: { caller: HOSTILE, sourceAddress: HOSTILE },
  };
};

const fault = {
  code: 'TARGET_FORBIDDEN',
  detail: HOSTILE,
  mend: HOSTILE,
  at: { field: HOSTILE, text: `${HOSTILE}${HOSTILE}`, start: 3, end: 40 },
};
const problem = (status: number) =>
  answers(
    JSON.stringify({
      type: 'x',
      title: HOSTILE,
      status,
      detail: HOSTILE,
      instance: '/',
      code: fault.code,
      faults: [fault],
    }),
    status,
    'application/problem+json',
  );

/** A fleet with one scan, of which everything that is text is hostile. */
const fleet: Answer = (response, { url = '' }) => {
  const scan = hostile();
  const finding = {
    address: HOSTILE,
    protocol: 'tcp',
    port: 22,
    state: 'open',
    reason: 'syn-ack',
    service: { name: HOSTILE, method: 'probed', product: HOSTILE, version: HOSTILE, info: HOSTILE },
    banner: HOSTILE,
    seenAt: '2026-11-26T12:00:00.000Z',
    rttMs: 1,
    attempt: 1,
  };
  const body = url.includes('/ports')
    ? { items: [finding], cursor: null }
    : /^\/scans\/\w/.test(url)
      ? scanResource(scan, { settled: 1, unprobed: 0, pending: 0 } as never, null)
      : { items: [scanLine(scan)], cursor: null };
  response.writeHead(200, JSON_TYPE).end(JSON.stringify(body));
};

describe('A terminal', () => {
  it('stays as it is, whatever an endpoint says', async () => {
    const asked: readonly Asked[] = [
      ['of a scan that it refuses', ['scan', 'example.org', '--dry-run'], problem(403)],
      ['of a request with an error', ['scan', 'example.org', '--dry-run'], problem(400)],
      ['of an error of its own', ['list'], problem(500)],
      ['in the words of a gateway', ['list'], answers(JSON.stringify({ message: HOSTILE }), 403)],
      ['in a status of its own', ['list'], (response) => void response.writeHead(418, 'x\u009b31m').end(HOSTILE)],
      ['in a list', ['list'], fleet],
      ['in a list as JSON', ['list', '--format', 'json'], fleet],
      ['in a report', ['show', '@1'], fleet],
      ['in a report as JSON', ['show', '@1', '--format', 'json'], fleet],
      ['in a scan that cannot go on', ['resume', '@1'], fleet],
      ['of a watch', ['watch', 'list'], problem(500)],
    ];
    const isFine = ({ code, text }: Awaited<ReturnType<typeof ask>>) =>
      text !== '' &&
      terminalEffects(text).length === 0 &&
      !/^portfleet: all is well/m.test(text) &&
      !STACK.test(text) &&
      [0, 1, 2, 4].includes(code ?? -1);
    expect(await complaints(asked, isFine)).toEqual([]);
  });
});
