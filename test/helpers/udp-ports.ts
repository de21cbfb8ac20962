import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { PortAt } from '../../shared/domain/port-set.ts';
import type { PortNumber } from '../../shared/domain/units.ts';
import { portNeverGivenOut } from './ports.ts';

export interface UdpPort extends AsyncDisposable {
  readonly port: PortNumber;
  readonly socket: Socket;
}

/** A UDP port of the kernel's choice that hands each datagram to `hear`; without it, one that never answers. */
export async function udpPort(
  hear: (datagram: Buffer, from: RemoteInfo, socket: Socket) => void = () => {},
  host = '127.0.0.1',
  port = 0,
): Promise<UdpPort> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (datagram, from) => hear(datagram, from, socket));
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    socket,
    port: socket.address().port as PortNumber,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A port that answers every datagram with `text`. */
export const replyingPort = (text = 'here', host?: string): Promise<UdpPort> =>
  udpPort((_, from, socket) => socket.send(text, from.port, from.address), host);

/** A closed port, which no socket beside can be given while a test is at it. */
export async function closedUdpPort(host?: string): Promise<PortNumber> {
  for (;;) {
    const closed = await udpPort(undefined, host, portNeverGivenOut()).catch(() => undefined);
    await closed?.[Symbol.asyncDispose]();
    if (closed) return closed.port;
  }
}

export const udp = (...ports: readonly number[]): PortAt[] =>
  ports.map((port) => ({ protocol: 'udp', port: port as PortNumber }));
