import { Socket } from 'node:net';
import type { ConnectionEvent, Connector, Line, Peer, TlsHello } from '../seams/connector.ts';
import { reachedItself } from './tcp-prober.ts';
import type { TlsEnd } from './tls-end.ts';

/** Loaded with the first handshake: node:tls takes 12 to 20 ms to start, and most scans never need it. */
const loadTls = () => import('./tls-end.ts');

/** Opens connections through the sockets of this process. */
export const nodeConnector: Connector = { dial: (peer, tell) => new OpenLine(peer, tell) };

/**
 * One socket, and the TLS session over it if there is one. Whatever the socket still says after the line is over is
 * dropped here, so that nobody above has to ask.
 */
class OpenLine implements Line {
  readonly #socket: Socket;
  readonly #tell: (event: ConnectionEvent) => void;
  #session: TlsEnd | null = null;
  #over = false;

  constructor(peer: Peer, tell: (event: ConnectionEvent) => void) {
    this.#tell = tell;
    this.#socket = new Socket();
    this.#socket.on('connect', () => {
      // Nobody listens there (any more), and what we would hear is ourselves.
      if (reachedItself(this.#socket)) this.#end('ECONNREFUSED');
      else this.#event({ kind: 'connected' });
    });
    this.#socket.on('data', (bytes: Uint8Array) => this.#event({ kind: 'heard', bytes }));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message));
    this.#socket.on('close', () => this.#end(null));
    this.#socket.connect({ host: peer.address, port: peer.port, autoSelectFamily: false, noDelay: true });
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
          heard: (bytes) => this.#event({ kind: 'heard', bytes }),
          ended: (errno) => this.#end(errno),
        });
      },
      (error: unknown) => this.#end(error instanceof Error ? error.message : String(error)),
    );
  }

  hangUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.#close();
  }

  #event(event: ConnectionEvent): void {
    if (!this.#over) this.#tell(event);
  }

  #refuse(alert: boolean): void {
    if (this.#over) return;
    this.hangUp();
    this.#tell({ kind: 'refused', alert });
  }

  #end(errno: string | null): void {
    if (this.#over) return;
    this.hangUp();
    this.#tell({ kind: 'ended', errno });
  }

  /** A reset leaves no TIME_WAIT behind, and takes what was not read yet along. */
  #close(): void {
    this.#session?.close();
    this.#socket.resetAndDestroy();
  }
}
