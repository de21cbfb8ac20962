import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHost } from '../../local/serve/guard.ts';
import { makePageSession } from '../../local/serve/page-session.ts';
import { readToken, removeToken, tokenPath, writeToken } from '../../local/serve/token-file.ts';
import { PortfleetError } from '../../shared/domain/errors.ts';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';
import { tempDir } from '../helpers/temp-dir.ts';

interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
}

/** Headers as they are, also those that fetch would write itself. */
async function ask(api: ApiUnderTest, path: string, headers: Record<string, string>): Promise<Refusal> {
  const { hostname, port } = new URL(api.url);
  const sent = request({ hostname, port, path, headers, setHost: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += String(piece);
  const body = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {};
  return { status: response.statusCode ?? 0, code: body.code };
}

const FOREIGN = { status: 403, code: 'REQUEST_FOREIGN' };

describe('The local server', () => {
  const start = async () => {
    const api = await startApi();
    const host = new URL(api.url).host;
    const own = { host, authorization: `Bearer ${api.token}` };
    return { api, host, own };
  };

  it.each<[what: string, spoil: (file: string) => void]>([
    ['is empty, because the disk was full', (file) => truncateSync(file)],
    ['is half of one', (file) => truncateSync(file, 16)],
    ['others may read', (file) => chmodSync(file, 0o644)],
    [
      'is a link to another file',
      (file) => {
        renameSync(file, `${file}.other`);
        symlinkSync(`${file}.other`, file);
      },
    ],
  ])('makes a new key where the one for its sessions %s', (_, spoil) => {
    const file = join(tempDir(), 'page.key');
    makePageSession(file, 1, Date.now);
    const before = readFileSync(file);
    spoil(file);
    const session = makePageSession(file, 1, Date.now);
    const key = readFileSync(file);
    expect([key.length, statSync(file).mode & 0o777]).toEqual([32, 0o600]);
    expect(key).not.toEqual(before);
    const until = `${Math.floor(Date.now() / 1_000) + 1_000}`;
    for (const known of [before, before.subarray(0, 16), Buffer.alloc(0)]) {
      const signature = createHmac('sha256', known).update(`portfleet-1 ${until}`).digest('base64url');
      expect(session.isSignedIn(`portfleet-1=${until}.${signature}`)).toBe(false);
    }
  });

  it('lets in who knows the token, under any name of this machine, also through a tunnel', async () => {
    const { api, own } = await start();
    for (const host of [own.host, 'localhost', 'LOCALHOST:8080', '127.0.0.1', '127.9.9.9:1', '[::1]:443']) {
      expect(await ask(api, '/scans', { ...own, host }), host).toMatchObject({ status: 200 });
    }
  });

  it('refuses a request without the token, or with another, and says how it is told', async () => {
    const { api, host } = await start();
    for (const authorization of [
      '',
      'Bearer ',
      `Basic ${api.token}`,
      `Bearer ${api.token}x`,
      `Bearer ${api.token.slice(1)}`,
      api.token,
    ]) {
      const answer = await ask(api, '/scans', { host, ...(authorization && { authorization }) });
      expect(answer, authorization).toEqual({ status: 401, code: 'TOKEN_WRONG' });
    }
    const plain = await fetch(`${api.url}/scans`, { method: 'POST' });
    expect([plain.status, plain.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('tells only its health and its description without the token', async () => {
    const { api, host } = await start();
    expect(await ask(api, '/health', { host })).toMatchObject({ status: 200 });
    expect(await ask(api, '/openapi.json', { host })).toMatchObject({ status: 200 });
    for (const path of ['/health/', '//health', '/health/../scans', '/HEALTH', '/nothing']) {
      expect((await ask(api, path, { host })).status, path).toBe(401);
    }
  });

  it('refuses a name that was pointed at this machine (DNS rebinding), even with the token', async () => {
    const { api, own } = await start();
    for (const host of [
      'evil.example',
      `evil.example:${new URL(api.url).port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.168.1.7',
      '0.0.0.0',
      '128.0.0.1',
    ]) {
      expect(await ask(api, '/scans', { ...own, host }), host).toEqual(FOREIGN);
      expect(await ask(api, '/health', { host }), host).toEqual(FOREIGN);
    }
  });

  it('refuses what the page of another site, or of another port, made the browser send', async () => {
    const { api, own, host } = await start();
    for (const origin of [
      'http://evil.example',
      'null',
      `https://${host}`,
      'http://localhost:1',
      `http://${host}.evil.example`,
    ]) {
      expect(await ask(api, '/scans', { ...own, origin }), origin).toEqual(FOREIGN);
    }
    for (const site of ['cross-site', 'same-site']) {
      expect(await ask(api, '/scans', { ...own, 'sec-fetch-site': site }), site).toEqual(FOREIGN);
    }
    for (const site of ['same-origin', 'none']) {
      expect(
        await ask(api, '/scans', { ...own, origin: `http://${host}`, 'sec-fetch-site': site }),
        site,
      ).toMatchObject({ status: 200 });
    }
  });

  it('listens on loopback alone, and says so when it cannot', async () => {
    const { api } = await start();
    expect(new URL(api.url).hostname).toBe('127.0.0.1');
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as import('node:net').AddressInfo;
    const error: unknown = await startApi({ port }).catch((thrown: unknown) => thrown);
    expect(error instanceof PortfleetError && error.errors.map(({ code }) => code)).toEqual(['LISTEN_FAILED']);
  });
});

describe('The address to listen on', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['127.1.2.3', '127.1.2.3'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ])('may be %s', (text, address) => {
    expect(readHost(text)).toEqual({ ok: true, value: address });
  });

  it.each([
    '0.0.0.0',
    '::',
    '',
    '*',
    '192.168.1.7',
    '10.0.0.1',
    '::ffff:127.0.0.1',
    '127.1',
    '2130706433',
    'example.com',
    'localhost.',
    'fe80::1',
  ])('may not be "%s"', (text) => {
    const read = readHost(text);
    expect(read.ok ? [] : read.errors.map(({ code }) => code)).toEqual(['HOST_NOT_LOOPBACK']);
  });

  it('is one of 127.0.0.0/8 or ::1, whatever is written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.domain()), (text) => {
        const read = readHost(text);
        return !read.ok || read.value === '::1' || /^127\.\d+\.\d+\.\d+$/.test(read.value);
      }),
    );
  });
});

describe('The token of a server', () => {
  it('lies where only its user can read it, and goes with the server', async () => {
    const api = await startApi();
    expect(statSync(api.tokenFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(api.tokenFile, 'utf8')).toMatch(/^[\w-]{43}$/);
    await api.close();
    expect(existsSync(api.tokenFile)).toBe(false);
  });

  it('is another one for every server', async () => {
    const [first, second] = [await startApi(), await startApi()];
    expect(first.token).not.toBe(second.token);
  });

  it('replaces that of a server that was killed, whoever could read that', () => {
    const directory = tempDir();
    const path = tokenPath(directory, 7_377);
    writeFileSync(path, 'old', { mode: 0o644 });
    writeToken(path, 'new');
    expect([readToken(directory, 7_377), statSync(path).mode & 0o777]).toEqual(['new', 0o600]);
    removeToken(path);
    expect(readToken(directory, 7_377)).toBeUndefined();
    expect(readToken(join(directory, 'nowhere'), 1)).toBeUndefined();
  });

  it('is read of a file alone: a FIFO of its name would be waited at for ever', () => {
    const directory = tempDir();
    execFileSync('mkfifo', [tokenPath(directory, 7_377)]);
    expect(readToken(directory, 7_377)).toBeUndefined();
  });
});
