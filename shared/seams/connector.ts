import type { TlsFacts, TlsVersion } from '../domain/tls-facts.ts';
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
  /** Offer this version alone; absent offers all. */
  readonly only?: TlsVersion;
}

/**
 *                         ┌─── data ───┐
 *                         ▼            │
 *   connect ──▶ connected ─────────────┴─────┬──▶ ended
 *                   │ secure                 │
 *                   ├──▶ secured ── data … ──┤
 *                   └──▶ refused ────────────┘
 */
export type ConnectionEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'secured'; readonly tls: TlsFacts }
  /** No TLS session came about. `alert`: the peer said so in TLS's own words, so it speaks TLS all the same. */
  | { readonly kind: 'refused'; readonly alert: boolean }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The connection is over and its descriptor free; `errno` names a failure, null the peer's own ending. */
  | { readonly kind: 'ended'; readonly errno: string | null };

/** A connection under way or open. */
export interface Connection {
  /** Queues bytes; on a connection that is over it does nothing. */
  send(bytes: Uint8Array): void;
  /** Begins TLS on an open connection; what is sent and received from `secured` on is inside. */
  secure(hello: TlsHello): void;
  /** Closes by reset, at once; no event follows. Calling it twice does nothing. */
  close(): void;
}

/**
 * Opens connections for those who want to know what a port says. Like a prober it never gives up by itself: time, and
 * how much is too much, are the caller's business. `onEvent` is never called before `connect` returns.
 */
export interface Connector {
  connect(peer: Peer, onEvent: (event: ConnectionEvent) => void): Connection;
}
