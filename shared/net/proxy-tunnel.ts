import { Socket } from 'node:net';
import type { Outcome } from '../domain/outcome.ts';
import type { ProxyReply, ProxyServer } from '../domain/proxy.ts';
import type { Peer } from '../seams/connector.ts';
import type { Prober } from '../seams/prober.ts';
import { beginHandshake } from './proxy-handshake.ts';

/** The way through a proxy, while it is being made. */
interface Tunnel {
  /** The proxy has been asked; until then nothing has been said to the target. */
  isAsked(): boolean;
}

/**
 * Connects the socket to the proxy, and has it connect to the peer. `onReply` is called once, with what came behind the
 * reply. That the socket fails, or ends, is its owner's to hear.
 */
export function openTunnel(
  socket: Socket,
  proxy: ProxyServer,
  peer: Peer,
  onReply: (reply: ProxyReply, rest: Uint8Array) => void,
): Tunnel {
  const handshake = beginHandshake(proxy, peer);
  let isConnected = false;
  const hear = (bytes: Uint8Array): void => {
    const step = handshake.hear(bytes);
    if (step.kind === 'send') socket.write(step.bytes);
    if (step.kind !== 'done') return;
    socket.off('data', hear);
    onReply(step.reply, step.rest);
  };
  socket.on('data', hear);
  socket.once('connect', () => {
    isConnected = true;
    socket.write(handshake.hello);
  });
  socket.connect({ host: proxy.address, port: proxy.port, autoSelectFamily: false, noDelay: true });
  return { isAsked: () => isConnected && handshake.isAsked() };
}

/** Probes TCP ports by what a proxy says of them. */
export const proxyProber = (proxy: ProxyServer): Prober => ({
  send(probe, tell) {
    const socket = new Socket();
    let isOver = false;
    const end = (outcome: Outcome): void => {
      if (isOver) return;
      isOver = true;
      // A reset leaves no TIME_WAIT behind, and tells the proxy to let go of the target.
      socket.resetAndDestroy();
      tell(outcome);
    };
    const tunnel = openTunnel(socket, proxy, probe, (reply) => end({ kind: 'proxy', reply, errno: null }));
    const failed = (errno: string | null): void =>
      end({ kind: 'proxy', reply: tunnel.isAsked() ? 'error' : 'no-proxy', errno });
    socket.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
    socket.on('close', () => failed(null));
    return {
      cancel() {
        isOver = true;
        socket.destroy();
      },
      isOnItsWay: () => tunnel.isAsked(),
    };
  },
});
