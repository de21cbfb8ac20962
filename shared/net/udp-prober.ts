import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import type { PortNumber } from '../domain/units.ts';
import { payloadsFor } from '../identify/protocols/all-payloads.ts';
import type { Payload } from '../identify/protocols/kit/payload.ts';
import type { Prober, SentProbe } from '../seams/prober.ts';

type Tell = (outcome: Outcome) => void;

const NOTHING: readonly Uint8Array[] = [new Uint8Array(0)];

/**
 * Sends every payload of the port at once, or an empty datagram. A protocol that answers from another port than it was
 * probed on is also probed through a second socket, that hears every port.
 */
export const makeUdpProber = (payloadsOf: (port: PortNumber) => readonly Payload[]): Prober => ({
  send(probe, tell) {
    const sent: SentProbe[] = [];
    let over = false;
    const close = (): void => {
      for (const each of sent) each.cancel();
    };
    const end = (outcome: Outcome | null): void => {
      if (over) return;
      over = true;
      close();
      if (outcome) tell(outcome);
    };
    const payloads = payloadsOf(probe.port);
    sent.push(sendConnected(probe, payloads.length === 0 ? NOTHING : payloads.map(({ bytes }) => bytes), end));
    for (const payload of payloads) {
      if (payload.isAnswerFromNewPort) sent.push(sendUnconnected(probe, payload, end));
    }
    // The system may have refused while the sockets were still being opened.
    if (over) close();
    return { cancel: () => end(null) };
  },
});

export const udpProber = makeUdpProber(payloadsFor);

/** Linux tells only a connected socket of the ICMP error that means `closed`. It hears the probed port and no other. */
function sendConnected(probe: Probe, datagrams: readonly Uint8Array[], tell: Tell): SentProbe {
  const socket = createUdpSocket(probe.address);
  let hasSent = false;
  // Until the first datagram has left, every error is this machine's own.
  socket.on('error', (error) => tell(hasSent ? errnoOf(error) : notSent(error)));
  socket.on('message', (bytes) => tell({ kind: 'replied', bytes }));
  socket.on('connect', () => {
    if (reachesItself(socket, probe)) return tell({ kind: 'self-connected' });
    // The error that one datagram met may come up when the next one is sent. The socket has probed this port alone,
    // so either way it is this port's answer; but the first one has none before it.
    datagrams.forEach((datagram, index) => {
      socket.send(datagram, (error) => error && tell(index === 0 ? notSent(error) : errnoOf(error)));
    });
    hasSent = true;
  });
  attempt(() => socket.connect(probe.port, probe.address), tell);
  return { cancel: () => close(socket) };
}

/** Hears every port of the address that was probed, and no ICMP error. */
function sendUnconnected(probe: Probe, { bytes, isAnswerFromNewPort }: Payload, tell: Tell): SentProbe {
  const socket = createUdpSocket(probe.address);
  socket.on('error', (error) => tell(notSent(error)));
  socket.on('message', (answer: Uint8Array, from: RemoteInfo) => {
    // Anyone may write to this socket; only what the target sends counts, and only if it is of the protocol.
    const fromTarget = withoutZone(from.address) === withoutZone(probe.address);
    if (fromTarget && isAnswerFromNewPort?.(answer)) tell({ kind: 'replied', bytes: answer });
  });
  const send = (): void => socket.send(bytes, probe.port, probe.address, (error) => error && tell(notSent(error)));
  attempt(send, tell);
  return { cancel: () => close(socket) };
}

/**
 * On one machine, a socket whose source port is the very port it probes receives its own datagram, and would take it for
 * an answer.
 */
export function reachesItself(socket: Socket, probed: Pick<Probe, 'address' | 'port'>): boolean {
  const here = socket.address();
  return here.port === probed.port && here.address === probed.address;
}

/** Node throws, where the system would refuse, for a port that cannot be probed (0). */
function attempt(act: () => void, tell: Tell): void {
  try {
    act();
  } catch (error) {
    tell(notSent(error as NodeJS.ErrnoException));
  }
}

const errnoOf = (error: NodeJS.ErrnoException): Outcome => ({ kind: 'errno', errno: error.code ?? error.message });
const notSent = (error: NodeJS.ErrnoException): Outcome => ({ kind: 'not-sent', errno: error.code ?? error.message });

/** "fe80::1%eth0" has a zone, which names our own interface and not the target. */
const withoutZone = (address: string): string => address.split('%')[0] ?? address;

const createUdpSocket = (address: string): Socket =>
  createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: literal as never });

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
  // An error that is already on its way must find a listener.
  socket.on('error', () => {});
  socket.close();
}
