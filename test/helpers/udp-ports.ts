import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { PortAt } from '../../shared/domain/port-set.ts';
import type { PortNumber } from '../../shared/domain/units.ts';

export interface UdpPort extends AsyncDisposable {
  readonly port: PortNumber;
  readonly socket: Socket;
}

/** A UDP port of the kernel's choice that hands each datagram to `hear`; without it, one that never answers. */
export async function udpPort(
  hear: (datagram: Buffer, from: RemoteInfo, socket: Socket) => void = () => {},
  host = '127.0.0.1',
): Promise<UdpPort> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (datagram, from) => hear(datagram, from, socket));
  socket.bind(0, host);
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

/** A port that was just given up: nothing else on this machine is likely to take it for a while. */
export async function closedUdpPort(host?: string): Promise<PortNumber> {
  await using closed = await udpPort(undefined, host);
  return closed.port;
}

export const udp = (...ports: readonly number[]): PortAt[] =>
  ports.map((port) => ({ protocol: 'udp', port: port as PortNumber }));
