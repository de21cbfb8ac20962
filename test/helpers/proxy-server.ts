import { once } from 'node:events';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { formatIpv6 } from '../../shared/domain/addresses/ip-literal.ts';

/** A proxy of a test: it really connects, unless it is told what to answer. */
export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  /** Where it was asked to connect to, and with which user and password ("user:password"). */
  readonly asked: { readonly to: string; readonly login: string | null }[];
}

interface How {
  /** "user:password" without which nobody is let in. */
  readonly login?: string;
  /** What is answered in place of connecting, by the port: a reply code of SOCKS, a status of HTTP, or `hang-up`. */
  readonly answer?: (port: number) => number | 'hang-up' | undefined;
}

/** Reads exactly so many bytes of a socket, whatever the pieces that they come in. */
function reader(socket: Socket) {
  let heard = Buffer.alloc(0);
  let isOver = false;
  let wake = (): void => {};
  socket.on('data', (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes]);
    wake();
  });
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const more = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return {
    async take(length: number): Promise<Buffer> {
      while (heard.length < length && !isOver) await more();
      const taken = heard.subarray(0, length);
      heard = heard.subarray(length);
      return taken;
    },
    async until(end: string): Promise<string> {
      while (!heard.includes(end) && !isOver) await more();
      const at = heard.indexOf(end);
      return (await this.take(at < 0 ? heard.length : at + end.length)).toString('latin1');
    },
  };
}

async function serve(each: (socket: Socket) => Promise<void>): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    each(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Connects, and joins both ways; gives the error of a connection that failed. */
async function join(socket: Socket, host: string, port: number, greet: () => void): Promise<string | null> {
  const target = connect({ host, port });
  const error = await new Promise<string | null>((resolve) => {
    target.once('connect', () => resolve(null));
    target.once('error', (failure: NodeJS.ErrnoException) => resolve(failure.code ?? 'unknown'));
  });
  if (error !== null) return error;
  target.on('error', () => socket.destroy());
  // A listener of a test reads nothing, and would not see an end.
  const letGo = (): void => void target.resetAndDestroy();
  if (socket.destroyed) letGo();
  socket.on('close', letGo);
  greet();
  socket.removeAllListeners('data');
  socket.pipe(target);
  target.pipe(socket);
  return null;
}

const REPLY_OF_ERROR: Readonly<Record<string, number>> = { ECONNREFUSED: 5, EHOSTUNREACH: 4, ENETUNREACH: 3 };

/** SOCKS 5 (RFC 1928, RFC 1929). */
export async function socksProxy({ login, answer }: How = {}): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = await serve(async (socket) => {
    const from = reader(socket);
    const [, count = 0] = await from.take(2);
    const methods = [...(await from.take(count))];
    const method = login === undefined ? 0 : 2;
    if (!methods.includes(method)) return void socket.end(Buffer.from([5, 0xff]));
    socket.write(Buffer.from([5, method]));
    let given: string | null = null;
    if (login !== undefined) {
      const [, userLength = 0] = await from.take(2);
      const user = (await from.take(userLength)).toString();
      const [wordLength = 0] = await from.take(1);
      given = `${user}:${(await from.take(wordLength)).toString()}`;
      socket.write(Buffer.from([1, given === login ? 0 : 1]));
      if (given !== login) return void socket.end();
    }
    const [, , , kind] = await from.take(4);
    const bytes = await from.take(kind === 4 ? 16 : 4);
    const host = kind === 4 ? formatIpv6(BigInt(`0x${bytes.toString('hex')}`)) : [...bytes].join('.');
    const port = (await from.take(2)).readUInt16BE();
    asked.push({ to: `${host}:${port}`, login: given });
    const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    const told = answer?.(port);
    if (told === 'hang-up') return void socket.destroy();
    if (told !== undefined) return void socket.end(reply(told));
    const error = await join(socket, host, port, () => socket.write(reply(0)));
    if (error !== null) socket.end(reply(REPLY_OF_ERROR[error] ?? 1));
  });
  return { ...server, asked };
}

/** HTTP CONNECT (RFC 9110, section 9.3.6). */
export async function httpProxy({ login, answer }: How = {}): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = await serve(async (socket) => {
    const head = await reader(socket).until('\r\n\r\n');
    // Whoever scans this machine beside says nothing.
    if (head === '') return void socket.destroy();
    const [, target = ''] = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head) ?? [];
    const basic = /\r\nProxy-Authorization: Basic (\S+)\r\n/.exec(head)?.[1];
    const given = basic === undefined ? null : Buffer.from(basic, 'base64').toString();
    const status = (code: number): string => `HTTP/1.1 ${code} So\r\nConnection: close\r\n\r\n`;
    if (login !== undefined && given !== login) return void socket.end(status(407));
    const at = target.lastIndexOf(':');
    const [host, port] = [target.slice(0, at).replace(/^\[(.*)\]$/, '$1'), Number(target.slice(at + 1))];
    asked.push({ to: isIPv6(host) ? `${host}:${port}` : target, login: given });
    const told = answer?.(port);
    if (told === 'hang-up') return void socket.destroy();
    if (told !== undefined) return void socket.end(status(told));
    const error = await join(socket, host, port, () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'));
    if (error !== null) socket.end(status(503));
  });
  return { ...server, asked };
}
