import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PortNumber } from '../../shared/domain/units.ts';

/** A port of 127.0.0.1 in a known state, and how to take it away again. */
export interface KnownPort extends AsyncDisposable {
  readonly port: PortNumber;
}

const portOf = (server: Server): PortNumber => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port as PortNumber;
};

/**
 * An address of this machine that no test scans: whole scans of 127.0.0.1 run beside, and a listener that counts its
 * connections, or behaves by their order, would take theirs for the test's own. Only Linux has all of 127.0.0.0/8.
 */
export const QUIET_LOOPBACK = process.platform === 'linux' ? '127.72.0.1' : '127.0.0.1';

/** A listener, of the kernel's choice unless a port is to be opened again. `greet` is called with each connection. */
export async function openPort(
  greet: (socket: Socket) => void = () => {},
  { port = 0, host = '127.0.0.1' } = {},
): Promise<KnownPort> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    greet(socket);
  });
  server.listen({ port, host, backlog: 4_096 });
  await once(server, 'listening');
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** A service that no scan beside comes upon: `greet` is called with each connection, and each is the test's own. */
export const openService = (greet: (socket: Socket) => void): Promise<KnownPort> =>
  openPort(greet, { host: QUIET_LOOPBACK });

/**
 * So many listeners that the first of them is found early, whatever the shuffle: that of eight ports at random places
 * the first comes in the last third has a chance of 1 in 6,561.
 */
export async function openPorts(count = 8): Promise<AsyncDisposable & { readonly spec: string }> {
  const ports = await Promise.all(Array.from({ length: count }, () => openPort()));
  return {
    spec: ports.map(({ port }) => port).join(','),
    async [Symbol.asyncDispose]() {
      for (const each of ports) await each[Symbol.asyncDispose]();
    },
  };
}

/** Ports that no system gives out by itself: Linux begins at 32,768, others later (RFC 6335 has 49,152). */
export const portNeverGivenOut = (): PortNumber => (20_000 + Math.floor(Math.random() * 12_000)) as PortNumber;

/** A closed port of 127.0.0.1, which no listener beside can be given while a test is at it. */
export async function closedPort(): Promise<PortNumber> {
  for (;;) {
    const port = portNeverGivenOut();
    const listener = await openPort(undefined, { port }).catch(() => undefined);
    await listener?.[Symbol.asyncDispose]();
    if (listener) return port;
  }
}

/**
 * A port that answers no SYN, without root: its listener, in a process that is stopped, has a queue of one, and the
 * queue is full. Linux then drops further SYNs.
 */
export async function silentPort(): Promise<KnownPort> {
  const child = fork(fileURLToPath(new URL('./stopped-listener.mjs', import.meta.url)));
  const [port] = (await once(child, 'message')) as [PortNumber];
  const fillers = await fillQueue(port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await end(child);
    },
  };
}

/** Two connections fill a queue of one: Linux accepts backlog + 1. */
async function fillQueue(port: number): Promise<Socket[]> {
  const fillers = [0, 1].map(() => connect({ host: '127.0.0.1', port }));
  for (const filler of fillers) filler.on('error', () => {});
  await Promise.all(fillers.map((filler) => once(filler, 'connect')));
  return fillers;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
