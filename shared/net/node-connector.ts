import { Socket } from 'node:net';
import type { ProxyReply, ProxyServer } from '../domain/proxy.ts';
import type { Connection, ConnectionEvent, Connector, Peer, TlsHello } from '../seams/connector.ts';
import { openTunnel } from './proxy-tunnel.ts';
import { reachedItself } from './tcp-prober.ts';
import type { TlsEnd } from './tls-end.ts';

/** Loaded with the first handshake: node:tls takes 12 to 20 ms to start, and most scans never need it. */
const loadTls = () => import('./tls-end.ts');

/** Like an errno that is no target's doing. */
const NO_PROXY = 'ENOPROXY';

/** Opens connections through the sockets of this process. */
export const nodeConnector: Connector = { connect: (peer, onEvent) => new NodeConnection(peer, null, onEvent) };

/** The same through a proxy. */
export const proxyConnector = (proxy: ProxyServer): Connector => ({
  connect: (peer, onEvent) => new NodeConnection(peer, proxy, onEvent),
});

/**
 * One socket, and the TLS session over it if there is one. What the socket still brings after the connection is over is
 * dropped here, so that no caller has to check.
 */
class NodeConnection implements Connection {
  readonly #socket: Socket;
  readonly #onEvent: (event: ConnectionEvent) => void;
  #session: TlsEnd | null = null;
  #over = false;

  constructor(peer: Peer, proxy: ProxyServer | null, onEvent: (event: ConnectionEvent) => void) {
    this.#onEvent = onEvent;
    this.#socket = new Socket();
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message));
    this.#socket.on('close', () => this.#end(null));
    if (proxy) openTunnel(this.#socket, proxy, peer, (reply, rest) => this.#replied(reply, rest));
    else this.#connect(peer);
  }

  #connect({ address, port }: Peer): void {
    this.#socket.on('connect', () => {
      // No server listens there (any more), and what we would read are our own words.
      if (reachedItself(this.#socket)) this.#end('ECONNREFUSED');
      else this.#connected();
    });
    this.#socket.connect({ host: address, port, autoSelectFamily: false, noDelay: true });
  }

  #replied(reply: ProxyReply, rest: Uint8Array): void {
    if (reply !== 'connected') {
      this.#end(reply === 'no-proxy' ? NO_PROXY : 'ECONNREFUSED');
      return;
    }
    this.#connected();
    if (rest.length > 0) this.#event({ kind: 'data', bytes: rest });
  }

  #connected(): void {
    this.#socket.on('data', (bytes: Uint8Array) => this.#event({ kind: 'data', bytes }));
    this.#event({ kind: 'connected' });
  }

  send(bytes: Uint8Array): void {
    if (this.#over) return;
    if (this.#session) this.#session.send(bytes);
    else this.#socket.write(bytes);
  }

  secure(hello: TlsHello): void {
    // What comes from now on belongs to the handshake; without a listener it waits in the socket.
    this.#socket.removeAllListeners('data');
    this.#socket.pause();
    loadTls().then(
      ({ beginTls }) => {
        if (this.#over) return;
        this.#session = beginTls(this.#socket, hello, {
          secured: (tls) => this.#event({ kind: 'secured', tls }),
          refused: (alert) => this.#refuse(alert),
          data: (bytes) => this.#event({ kind: 'data', bytes }),
          ended: (errno) => this.#end(errno),
        });
      },
      (error: unknown) => this.#end(error instanceof Error ? error.message : String(error)),
    );
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#reset();
  }

  #event(event: ConnectionEvent): void {
    if (!this.#over) this.#onEvent(event);
  }

  #refuse(alert: boolean): void {
    if (this.#over) return;
    this.close();
    this.#onEvent({ kind: 'refused', alert });
  }

  #end(errno: string | null): void {
    if (this.#over) return;
    this.close();
    this.#onEvent({ kind: 'ended', errno });
  }

  /**
   * A reset leaves no TIME_WAIT behind, and takes what was not read yet along. Node waits with it until the socket is
   * connected, and where nobody answers the kernel tries for two minutes, which would keep the process alive that long.
   */
  #reset(): void {
    this.#session?.close();
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}
