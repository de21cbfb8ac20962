import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import type { Ask, Prober } from '../seams/prober.ts';

const NOTHING = new Uint8Array(0);

/** The address is literal already; without this, dgram would ask the resolver's thread pool about each datagram. */
function literal(
  address: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, address, isIPv6(address) ? 6 : 4);
}

/**
 * Asks with one empty datagram. The socket is connected, because Linux tells only a connected socket of the ICMP error
 * that means `closed`.
 */
export const udpProber: Prober = {
  ask(probe: Probe, tell: (outcome: Outcome) => void): Ask {
    const socket = createSocket({ type: isIPv6(probe.address) ? 'udp6' : 'udp4', lookup: literal as never });
    let over = false;
    const end = (outcome: Outcome | null): void => {
      if (over) return;
      over = true;
      close(socket);
      if (outcome) tell(outcome);
    };
    const failed = (error: NodeJS.ErrnoException): void => end({ kind: 'errno', errno: error.code ?? error.message });
    socket.on('error', failed);
    socket.on('message', (bytes) => end({ kind: 'replied', bytes }));
    socket.on('connect', () => {
      // An ICMP error may come up with the send instead of as an event; either way it is the answer.
      socket.send(NOTHING, (error) => {
        if (error) failed(error);
      });
    });
    socket.connect(probe.port, probe.address);
    return { cancel: () => end(null) };
  },
};

function close(socket: Socket): void {
  socket.removeAllListeners();
  // An error that is already on its way finds nobody else to tell.
  socket.on('error', () => {});
  socket.close();
}
