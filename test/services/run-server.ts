import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PortNumber } from '../../shared/domain/units.ts';

/** Where a server may listen and keep its files. */
export interface Place {
  readonly port: PortNumber;
  /** Other free ports, for servers that need them. */
  readonly second: PortNumber;
  readonly third: PortNumber;
  readonly dir: string;
  /** A self-signed certificate for "localhost", for ten days. */
  readonly certificate: { readonly cert: string; readonly key: string };
}

/** How to run a server in the foreground. */
export interface Launch {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Commands to run first. */
  readonly before?: readonly (readonly [command: string, ...args: string[]])[];
  /** Commands to run when the server is gone, to end what it has left behind. */
  readonly after?: readonly (readonly [command: string, ...args: string[]])[];
  /** The user to run as, where the server refuses to be root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface RealServer {
  /** The Debian package that brings it. */
  readonly package: string;
  readonly binary: string;
  /** What the package brings, where the binary is something else. */
  readonly needs?: string;
  /** What it says when it can answer, where that is later than when it listens. */
  readonly ready?: RegExp;
  /** It accepts no TCP connection: whoever asks it asks until it answers. */
  readonly datagramsOnly?: true;
  readonly launch: (place: Place) => Launch;
}

export interface RunningServer extends AsyncDisposable {
  readonly place: Place;
}

export const isInstalled = ({ binary, needs = binary }: RealServer): boolean => existsSync(binary) && existsSync(needs);

/** Nobody, who has no files and no rights. */
export const NOBODY = { uid: 65_534, gid: 65_534 };

/** A limit against hanging, below that of a test: a server that ends is seen at once, and a busy machine has its time. */
export const START_WITHIN = 240_000;

/** Whatever else runs may be given a port that was free, before the server listens on it: then others are chosen. */
const ATTEMPTS = 3;

/** Starts the server on ports of the kernel's choice, and waits until it takes a connection. */
export async function runServer(server: RealServer): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(server);
    } catch (error) {
      if (attempt === ATTEMPTS || !/it ended with code/.test((error as Error).message)) throw error;
    }
  }
}

async function runOnce(server: RealServer): Promise<RunningServer> {
  const dir = mkdtempSync(join(tmpdir(), 'portfleet-service-'));
  chmodSync(dir, 0o755);
  const [port, second, third] = [await freePort(), await freePort(), await freePort()];
  const place: Place = { port, second, third, dir, certificate: certificateIn(dir) };
  const { args, files = {}, env = {}, before = [], after = [], user } = server.launch(place);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, dir]);
  const options = { cwd: dir, env: { ...process.env, HOME: dir, ...env }, ...user };
  for (const [command, ...words] of before) execFileSync(command, words, { ...options, stdio: 'pipe' });
  const child = spawn(server.binary, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = collect(child, server.ready);
  const stop = async (): Promise<void> => {
    await stopGroup(child);
    for (const [command, ...words] of after) execFileSync(command, words, { ...options, stdio: 'pipe' });
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    if (!server.datagramsOnly) await untilReady(place.port, child, () => heard.isReady);
  } catch (error) {
    await stop();
    throw new Error(`${server.binary} did not start: ${(error as Error).message}\n${heard.said}`);
  }
  return { place, [Symbol.asyncDispose]: stop };
}

/** The kernel may choose a port again before the server that was told of it listens. */
const handedOut = new Set<number>();

export async function freePort(): Promise<PortNumber> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  if (handedOut.has(port)) return freePort();
  handedOut.add(port);
  return port as PortNumber;
}

function certificateIn(dir: string): Place['certificate'] {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const names = ['-subj', '/O=Portfleet/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '10', '-keyout', key, '-out', cert, ...names];
  execFileSync('openssl', made, { stdio: 'pipe' });
  chmodSync(key, 0o600);
  return { cert, key };
}

/** What a server says: its last words, for the message of a test, and whether it ever said that it is ready. */
function collect(child: ChildProcess, ready: RegExp | undefined): { readonly said: string; readonly isReady: boolean } {
  const heard = { said: '', isReady: ready === undefined };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const said = `${heard.said}${chunk}`;
      // Looked for before the cut: a server that goes on talking would push it out.
      heard.isReady ||= ready?.test(said) === true;
      heard.said = said.slice(-4_000);
    });
  }
  return heard;
}

async function untilReady(port: PortNumber, child: ChildProcess, saysSo: () => boolean): Promise<void> {
  const end = performance.now() + START_WITHIN;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    if (saysSo() && (await accepts(port))) return;
    await delay(50);
  }
  throw new Error(`nothing listened within ${START_WITHIN} ms`);
}

/** Waits until a further port of a server that runs takes a connection: its first may be the earlier one. */
export async function untilAccepts(port: PortNumber): Promise<void> {
  const end = performance.now() + START_WITHIN;
  while (!(await accepts(port))) {
    if (performance.now() > end) throw new Error(`nothing listened on a further port within ${START_WITHIN} ms`);
    await delay(50);
  }
}

const accepts = (port: PortNumber): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** The server and whatever it started: it leads a process group of its own. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The whole group is gone already.
    }
    if (child.exitCode !== null || child.signalCode !== null) break;
    await Promise.race([gone, delay(3_000)]);
  }
}
