// How long after the beginning of a run a change is told, beyond the minutes that confirm it: a port of this machine opens, a
// real run sees it, and a webhook is told. Takes some five minutes, of which nearly all is those minutes.
// Run: node --import ./bench/load-typescript.mjs bench/watch.ts
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ROUND_PAUSE } from '../shared/watch/schedule.ts';

const PROGRAM = fileURLToPath(new URL('../dist/portfleet.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'portfleet-watch-'));
const portfleet = (...words: readonly string[]) =>
  promisify(execFile)(process.execPath, [PROGRAM, ...words, '--data-dir', directory]);

async function listening(server: Server, port = 0): Promise<number> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** What the webhook is told, and when. */
function receiver() {
  const server = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      response.end();
      server.emit('told', { at: Date.now(), message: JSON.parse(body) as Told });
    });
  });
  return server;
}

interface Told {
  readonly changes: readonly { readonly port: number; readonly since: string }[];
}

// Whoever scans resets what it opened.
const [webhook, opening] = [receiver(), createServer((socket) => socket.on('error', () => {}).destroy())];
const port = await listening(opening);
opening.close();
await once(opening, 'close');
try {
  const url = `http://127.0.0.1:${await listening(webhook)}/`;
  await portfleet(
    'watch',
    'add',
    '127.0.0.1',
    '-p',
    `1-1000,${port}`,
    '--name',
    'bench',
    '--every',
    '1d',
    '--notify',
    url,
  );
  await portfleet('watch', 'run', 'bench');
  await listening(opening, port);
  const began = Date.now();
  const told = once(webhook, 'told') as Promise<[{ at: number; message: Told }]>;
  await portfleet('watch', 'run', 'bench');
  const [{ at, message }] = await told;
  const [change] = message.changes;
  if (change?.port !== port) throw new Error(`the webhook was told something else: ${JSON.stringify(message)}`);
  const seconds = (millis: number): string => `${(millis / 1_000).toFixed(2)} s`;
  const confirmation = 2 * ROUND_PAUSE;
  process.stdout.write(`seen after the beginning of the run    ${seconds(Date.parse(change.since) - began)}\n`);
  process.stdout.write(`told after the beginning of the run    ${seconds(at - began)}\n`);
  process.stdout.write(`  of which minutes that confirm it     ${seconds(confirmation)}\n`);
  process.stdout.write(`  and the rest                         ${seconds(at - began - confirmation)}\n`);
} finally {
  opening.close();
  webhook.close();
  webhook.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
}
