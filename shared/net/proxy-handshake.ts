import { isIPv6 } from 'node:net';
import { parseIpv4, parseIpv6 } from '../domain/addresses/ip-literal.ts';
import type { ProxyLogin, ProxyReply, ProxyServer } from '../domain/proxy.ts';
import type { Peer } from '../seams/connector.ts';

/** What is to be done when the proxy has said something. */
export type HandshakeStep =
  | { readonly kind: 'more' }
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** `rest` came behind the reply, from the target. */
  | { readonly kind: 'done'; readonly reply: ProxyReply; readonly rest: Uint8Array };

/** What is said to a proxy until it has connected us: bytes in, bytes out. */
export interface Handshake {
  /** What is said first. */
  readonly hello: Uint8Array;
  hear(bytes: Uint8Array): HandshakeStep;
  /** It was asked for the connection, and what it says, or does, from now on is about the target. */
  isAsked(): boolean;
}

export const beginHandshake = (proxy: ProxyServer, peer: Peer): Handshake =>
  proxy.kind === 'socks5' ? socks5(peer, proxy.login) : httpConnect(peer, proxy.login);

const MORE: HandshakeStep = { kind: 'more' };
const NOTHING = new Uint8Array();
const done = (reply: ProxyReply, rest: Uint8Array = NOTHING): HandshakeStep => ({ kind: 'done', reply, rest });
const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 1928 section 6. A command that it does not know makes it no proxy; a kind of address is the target's bad luck. */
const SOCKS_REPLIES: readonly ProxyReply[] = [
  'connected',
  'error',
  'prohibited',
  'net-unreach',
  'host-unreach',
  'refused',
  'ttl-expired',
  'no-proxy',
  'prohibited',
];

const [VERSION, NO_LOGIN, LOGIN, CONNECT] = [5, 0, 2, 1];

/**
 *   greeting ──method──▶ [login ──status──▶] request ──reply──▶ done
 */
function socks5(peer: Peer, login: ProxyLogin | null): Handshake {
  let state: 'greeting' | 'login' | 'request' = 'greeting';
  let heard: Uint8Array = NOTHING;
  const request = (): HandshakeStep => {
    state = 'request';
    heard = NOTHING;
    return { kind: 'send', bytes: socksRequest(peer) };
  };
  const hearShort = (): HandshakeStep => {
    const [first, second] = heard;
    if (first === undefined || second === undefined) return MORE;
    if (state === 'login') return second === 0 ? request() : done('no-proxy');
    if (first !== VERSION) return done('no-proxy');
    if (second === NO_LOGIN) return request();
    if (second !== LOGIN || !login) return done('no-proxy');
    state = 'login';
    heard = NOTHING;
    return { kind: 'send', bytes: socksLogin(login) };
  };
  return {
    hello: Uint8Array.from(login ? [VERSION, 2, NO_LOGIN, LOGIN] : [VERSION, 1, NO_LOGIN]),
    isAsked: () => state === 'request',
    hear(bytes) {
      heard = joined(heard, bytes);
      return state === 'request' ? readSocksReply(heard) : hearShort();
    },
  };
}

/** RFC 1929. */
function socksLogin({ user, password }: ProxyLogin): Uint8Array {
  const [name, word] = [textBytes(user), textBytes(password)];
  return Uint8Array.from([1, name.length, ...name, word.length, ...word]);
}

function socksRequest({ address, port }: Peer): Uint8Array {
  return Uint8Array.from([VERSION, CONNECT, 0, ...socksAddress(address), port >> 8, port & 255]);
}

function socksAddress(address: string): number[] {
  if (!isIPv6(address)) {
    const value = parseIpv4(address) ?? 0;
    return [1, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  }
  const digits = (parseIpv6(address.split('%')[0] ?? '') ?? 0n).toString(16).padStart(32, '0');
  return [4, ...(digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))];
}

/** Version, reply, nothing, an address of one of three kinds, a port. */
function readSocksReply(heard: Uint8Array): HandshakeStep {
  const [version, reply, , kind, nameLength] = heard;
  if (version !== undefined && version !== VERSION) return done('no-proxy');
  if (reply === undefined) return MORE;
  // What is behind a refusal is of no use, and some proxies leave it away.
  if (reply !== 0) return done(SOCKS_REPLIES[reply] ?? 'error');
  if (kind === undefined || nameLength === undefined) return MORE;
  const lengths: Readonly<Record<number, number>> = { 1: 10, 3: 7 + nameLength, 4: 22 };
  const length = lengths[kind];
  if (length === undefined) return done('no-proxy');
  return heard.length < length ? MORE : done('connected', heard.subarray(length));
}

/** More than any proxy says before it has connected. */
const LONGEST_HEAD = 16_384;

/** To be let in, and to be allowed. Everything else that is no success may be the target's doing, or not. */
const HTTP_REPLIES: Readonly<Record<number, ProxyReply>> = {
  401: 'no-proxy',
  403: 'prohibited',
  405: 'prohibited',
  407: 'no-proxy',
  501: 'no-proxy',
};

function httpConnect({ address, port }: Peer, login: ProxyLogin | null): Handshake {
  const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const secret = login && Buffer.from(`${login.user}:${login.password}`).toString('base64');
  const lines = [
    `CONNECT ${host} HTTP/1.1`,
    `Host: ${host}`,
    ...(secret === null ? [] : [`Proxy-Authorization: Basic ${secret}`]),
  ];
  let heard: Uint8Array = NOTHING;
  return {
    hello: textBytes(`${lines.join('\r\n')}\r\n\r\n`),
    isAsked: () => true,
    hear(bytes) {
      heard = joined(heard, bytes);
      const text = Buffer.from(heard.buffer, heard.byteOffset, heard.length).toString('latin1');
      if (!'HTTP/1.'.startsWith(text.slice(0, 7))) return done('no-proxy');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return heard.length > LONGEST_HEAD ? done('no-proxy') : MORE;
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
      if (status === 0) return done('no-proxy');
      if (status >= 200 && status < 300) return done('connected', heard.subarray(end + 4));
      return done(HTTP_REPLIES[status] ?? 'error');
    },
  };
}

function joined(before: Uint8Array, more: Uint8Array): Uint8Array {
  if (before.length === 0) return more;
  const all = new Uint8Array(before.length + more.length);
  all.set(before);
  all.set(more, before.length);
  return all;
}
