import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { tempDir } from '../helpers/temp-dir.ts';

/** Debian's browser; the package brings none. */
const CHROMIUM = '/usr/bin/chromium';

export const browserMissing: string | null = existsSync(CHROMIUM)
  ? null
  : `${CHROMIUM} is missing: apt-get install chromium`;

const COMMAND = fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));

/** One browser for the tests of a file; each test has a context, and so cookies, of its own. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!browserMissing) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('the browser was not started');
    return browser;
  };
}

/** `portfleet serve` as a user starts it. */
export interface Served {
  readonly url: string;
  readonly directory: string;
  readonly link: string;
  readonly token: string;
  kill(): Promise<void>;
}

export interface ServeOptions {
  readonly directory?: string;
  readonly port?: number;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function serve({
  directory = tempDir(),
  port = 0,
  words = [],
  env = {},
}: ServeOptions = {}): Promise<Served> {
  const command = [COMMAND, 'serve', '--port', `${port}`, '--data-dir', directory, '--workers', '2', ...words];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  let [out, told] = ['', ''];
  const link = await new Promise<string>((resolve, reject) => {
    // The address comes on one pipe and the link on another, in whatever order they are read.
    const look = (): void => {
      const found = /http:\S+\?token=\S+/.exec(told)?.[0];
      if (found && out.includes('\n')) resolve(found);
    };
    child.stdout.on('data', (data) => {
      out += data;
      look();
    });
    child.stderr.on('data', (data) => {
      told += data;
      look();
    });
    child.once('exit', () => reject(new Error(`the server ended: ${told}`)));
  });
  const { readToken } = await import('../../local/serve/token-file.ts');
  const url = out.trim().split('\n')[0] ?? '';
  const token = readToken(directory, Number(new URL(url).port)) ?? '';
  return { url, directory, link, token, kill };
}

/** A signed-in page, with everything that went wrong in it. */
export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Messages of the console, errors of scripts and violations of the policy. */
  readonly complaints: readonly string[];
}

export interface Look {
  readonly width?: number;
  readonly dark?: boolean;
  /** The browser's own zoom: twice is half as many pixels of the page, each twice as large. */
  readonly zoom?: number;
}

export async function open(
  browser: Browser,
  link: string,
  { width = 1_280, dark = false, zoom = 1 }: Look = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: width / zoom, height: 860 / zoom },
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  // A limit against hanging, not against a slow machine.
  page.setDefaultTimeout(240_000);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(link);
  await page.waitForSelector('h1');
  return { page, context, complaints };
}

/** Ports that really listen on loopback, until the test ends. */
export async function listen(count: number, address = '127.0.0.1'): Promise<number[]> {
  const servers: Server[] = [];
  onTestFinished(() => servers.forEach((server) => void server.close()));
  for (let at = 0; at < count; at++) {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    servers.push(server);
  }
  return servers.map((server) => (server.address() as { port: number }).port).sort((a, b) => a - b);
}

/** Submits a scan over the API, for tests that need more than the form offers. */
export async function submit({ url, token }: Served, request: unknown): Promise<string> {
  const response = await fetch(`${url}/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const { scanId } = (await response.json()) as { scanId?: string };
  if (!scanId) throw new Error(`not accepted: ${response.status}`);
  return scanId;
}
