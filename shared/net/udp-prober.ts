import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import type { PortNumber } from '../domain/units.ts';
import { payloadsFor } from '../identify/protocols/all-payloads.ts';
import type { Payload } from '../identify/protocols/kit/payload.ts';
import type { Ask, Prober } from '../seams/prober.ts';

type Tell = (outcome: Outcome) => void;

const NOTHING: readonly Uint8Array[] = [new Uint8Array(0)];

/**
 * Asks with every payload of the port at once, or with an empty datagram. A protocol that answers from another port
 * than it was asked on is also asked through a second socket, that hears every port.
 */
export const makeUdpProber = (payloadsOf: (port: PortNumber) => readonly Payload[]): Prober => ({
  ask(probe, tell) {
    const asks: Ask[] = [];
    let over = false;
    const close = (): void => {
      for (const ask of asks) ask.cancel();
    };
    const end = (outcome: Outcome | null): void => {
      if (over) return;
      over = true;
      close();
      if (outcome) tell(outcome);
    };
    const payloads = payloadsOf(probe.port);
    asks.push(askConnected(probe, payloads.length === 0 ? NOTHING : payloads.map(({ bytes }) => bytes), end));
    for (const payload of payloads) {
      if (payload.isAnswerFromNewPort) asks.push(askUnconnected(probe, payload, end));
    }
    // The system may have refused while the sockets were still being opened.
    if (over) close();
    return { cancel: () => end(null) };
  },
});

export const udpProber = makeUdpProber(payloadsFor);

/** Linux tells only a connected socket of the ICMP error that means `closed`. It hears the asked port and no other. */
function askConnected(probe: Probe, datagrams: readonly Uint8Array[], tell: Tell): Ask {
  const socket = openSocket(probe.address, tell);
  socket.on('message', (bytes) => tell({ kind: 'replied', bytes }));
  socket.on('connect', () => {
    if (reachesItself(socket, probe)) return tell({ kind: 'self-connected' });
    // The error that one datagram met may come up when the next one is sent. The socket has asked this port alone, so
    // either way it is this port's answer.
    for (const datagram of datagrams) socket.send(datagram, (error) => error && tell(errnoOf(error)));
  });
  attempt(() => socket.connect(probe.port, probe.address), tell);
  return { cancel: () => close(socket) };
}

/** Hears every port of the address that was asked, and no ICMP error. */
function askUnconnected(probe: Probe, { bytes, isAnswerFromNewPort }: Payload, tell: Tell): Ask {
  const socket = openSocket(probe.address, tell);
  socket.on('message', (answer: Uint8Array, from: RemoteInfo) => {
    // Anybody may write to this socket; only the target's own word counts, and only if it is one of the protocol.
    const fromTarget = withoutZone(from.address) === withoutZone(probe.address);
    if (fromTarget && isAnswerFromNewPort?.(answer)) tell({ kind: 'replied', bytes: answer });
  });
  const send = (): void => socket.send(bytes, probe.port, probe.address, (error) => error && tell(errnoOf(error)));
  attempt(send, tell);
  return { cancel: () => close(socket) };
}

/**
 * On one machine, a socket whose source port is the very port it asks hears its own question, and would take it for an
 * answer.
 */
export function reachesItself(socket: Socket, asked: Pick<Probe, 'address' | 'port'>): boolean {
  const here = socket.address();
  return here.port === asked.port && here.address === asked.address;
}

/** Node throws, where the system would refuse, for a port that cannot be asked (0). */
function attempt(act: () => void, tell: Tell): void {
  try {
    act();
  } catch (error) {
    tell(errnoOf(error as NodeJS.ErrnoException));
  }
}

const errnoOf = (error: NodeJS.ErrnoException): Outcome => ({ kind: 'errno', errno: error.code ?? error.message });

/** "fe80::1%eth0" has a zone, which names our own interface and not the target. */
const withoutZone = (address: string): string => address.split('%')[0] ?? address;

function openSocket(address: string, tell: Tell): Socket {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: literal as never });
  socket.on('error', (error) => tell(errnoOf(error)));
  return socket;
}

/** The address is literal already; without this, dgram would ask the resolver's thread pool about each datagram. */
function literal(
  address: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, address, isIPv6(address) ? 6 : 4);
}

function close(socket: Socket): void {
  if (socket.listenerCount('message') === 0) return;
  socket.removeAllListeners();
  // An error that is already on its way finds nobody else to tell.
  socket.on('error', () => {});
  socket.close();
}
