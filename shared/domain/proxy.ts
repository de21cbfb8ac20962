import type { Address, PortNumber } from './units.ts';

/** Kinds of proxies that carry a TCP connection to any port: SOCKS 5 (RFC 1928) and HTTP CONNECT (RFC 9110, 9.3.6). */
export const PROXY_KINDS = ['socks5', 'http'] as const;
export type ProxyKind = (typeof PROXY_KINDS)[number];

/** Who we are to the proxy. Never in a log, a plan or a report. */
export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

/** The proxy through which a scan connects. */
export interface ProxyServer {
  readonly kind: ProxyKind;
  readonly address: Address;
  readonly port: PortNumber;
  readonly login: ProxyLogin | null;
}

/**
 * What a proxy says of a connection that it was asked for. `no-proxy`: it was not asked, because it cannot be reached,
 * does not let us in, or is no such proxy. `error`: it could not, and does not say why.
 */
export type ProxyReply =
  | 'connected'
  | 'refused'
  | 'host-unreach'
  | 'net-unreach'
  | 'ttl-expired'
  | 'prohibited'
  | 'error'
  | 'no-proxy';

/** User and password of a URL taken out, wherever it stands in a text. */
export const withoutLogin = (text: string): string => text.replace(/(:\/\/)[^/\s]*@/g, '$1…@');
