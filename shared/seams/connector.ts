import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Address, PortNumber } from '../domain/units.ts';

/** A TCP port of a literal address: nothing below this seam resolves a name. */
export interface Peer {
  readonly address: Address;
  readonly port: PortNumber;
}

/** What a TLS session is opened with. Certificates are looked at, never trusted and never refused. */
export interface TlsHello {
  /** The name to ask for (SNI); null asks for none, as of a bare address. */
  readonly serverName: string | null;
  /** Protocols to offer, ours first; none leaves the extension out. */
  readonly alpn: readonly string[];
}

/**
 *                      ┌── heard ──┐
 *                      ▼           │
 *   dial ──▶ connected ────────────┴──────┬──▶ ended
 *                │ secure                 │
 *                ├──▶ secured ── heard … ─┤
 *                └──▶ refused ────────────┘
 */
export type ConnectionEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'secured'; readonly tls: TlsFacts }
  /** No TLS session came about. `alert`: the peer said so in TLS's own words, so it speaks TLS all the same. */
  | { readonly kind: 'refused'; readonly alert: boolean }
  | { readonly kind: 'heard'; readonly bytes: Uint8Array }
  /** The line is over and its descriptor free; `errno` names a failure, null the peer's own ending. */
  | { readonly kind: 'ended'; readonly errno: string | null };

/** A connection under way or open. */
export interface Line {
  /** Queues bytes; on a line that is over it does nothing. */
  send(bytes: Uint8Array): void;
  /** Begins TLS on a connected line; what is sent and heard from `secured` on is inside. */
  secure(hello: TlsHello): void;
  /** Closes by reset, at once; nothing is told any more. Calling it twice does nothing. */
  hangUp(): void;
}

/**
 * Opens connections for those who want to hear what a port says. Like a prober it never gives up by itself: time, and
 * how much is too much, are the engine's business. `tell` is never called before `dial` returns.
 */
export interface Connector {
  dial(peer: Peer, tell: (event: ConnectionEvent) => void): Line;
}
