import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyServer } from '../../../shared/domain/proxy.ts';
import type { Address, PortNumber } from '../../../shared/domain/units.ts';
import { beginHandshake, type HandshakeStep } from '../../../shared/net/proxy-handshake.ts';

const LOGIN = { user: 'me', password: 'sésame' };
const proxyOf = (kind: ProxyServer['kind'], login: ProxyServer['login'] = null): ProxyServer => ({
  kind,
  address: '127.0.0.1' as Address,
  port: 1080 as PortNumber,
  login,
});
const peer = (address: string) => ({ address: address as Address, port: 443 as PortNumber });

/** The steps that the pieces lead to, up to the last. */
function steps(proxy: ProxyServer, pieces: readonly Uint8Array[], address = '192.0.2.7'): readonly HandshakeStep[] {
  const handshake = beginHandshake(proxy, peer(address));
  const made: HandshakeStep[] = [];
  for (const piece of pieces) {
    made.push(handshake.hear(piece));
    if (made.at(-1)?.kind === 'done') break;
  }
  return made;
}

const replyOf = (proxy: ProxyServer, ...pieces: readonly Uint8Array[]) => {
  const last = steps(proxy, pieces).at(-1);
  return last?.kind === 'done' ? last.reply : last?.kind;
};

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const text = (words: string): Uint8Array => Buffer.from(words, 'latin1');
const BOUND = [0, 1, 0, 0, 0, 0, 0, 0];

describe('A handshake with a proxy that speaks SOCKS 5', () => {
  it('names the address of the target in its own kind, and never a name', () => {
    const sent = (address: string) => steps(proxyOf('socks5'), [bytes(5, 0)], address)[0];
    expect(sent('192.0.2.7')).toEqual({ kind: 'send', bytes: bytes(5, 1, 0, 1, 192, 0, 2, 7, 1, 187) });
    const ipv6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7];
    expect(sent('2001:db8::7')).toEqual({ kind: 'send', bytes: bytes(5, 1, 0, 4, ...ipv6, 1, 187) });
  });

  it.each([
    [0, 'connected'],
    [1, 'error'],
    [2, 'prohibited'],
    [3, 'net-unreach'],
    [4, 'host-unreach'],
    [5, 'refused'],
    [6, 'ttl-expired'],
    [7, 'no-proxy'],
    [8, 'prohibited'],
    [9, 'error'],
    [255, 'error'],
  ] as const)('takes the reply %i for %s', (code, reply) => {
    expect(replyOf(proxyOf('socks5'), bytes(5, 0), bytes(5, code, ...BOUND))).toBe(reply);
  });

  it('logs in where the proxy wants it, in UTF-8, and not where it has nothing to log in with', () => {
    expect([...beginHandshake(proxyOf('socks5', LOGIN), peer('192.0.2.7')).hello]).toEqual([5, 2, 0, 2]);
    const word = [...new TextEncoder().encode(LOGIN.password)];
    expect(steps(proxyOf('socks5', LOGIN), [bytes(5, 2), bytes(1, 0)])).toMatchObject([
      { kind: 'send', bytes: bytes(1, 2, 109, 101, word.length, ...word) },
      { kind: 'send' },
    ]);
    expect(replyOf(proxyOf('socks5', LOGIN), bytes(5, 2), bytes(1, 1))).toBe('no-proxy');
    expect(replyOf(proxyOf('socks5'), bytes(5, 2))).toBe('no-proxy');
    expect(replyOf(proxyOf('socks5'), bytes(5, 255))).toBe('no-proxy');
  });

  it('gives on what came from the target behind the reply, whose length depends on the kind of address', () => {
    const kinds = [
      [1, 127, 0, 0, 1],
      [3, 4, 119, 101, 98, 46],
      [4, ...Array<number>(16).fill(0)],
    ];
    for (const kind of kinds) {
      const last = steps(proxyOf('socks5'), [bytes(5, 0), bytes(5, 0, 0, ...kind, 0, 80, 83, 83, 72)]).at(-1);
      expect(last).toEqual({ kind: 'done', reply: 'connected', rest: bytes(83, 83, 72) });
    }
  });
});

describe('A handshake with a proxy that speaks HTTP', () => {
  it('asks for the connection at once, with the address in brackets where it is of IPv6', () => {
    const hello = (address: string, login: ProxyServer['login'] = null): string =>
      Buffer.from(beginHandshake(proxyOf('http', login), peer(address)).hello).toString();
    expect(hello('192.0.2.7')).toBe('CONNECT 192.0.2.7:443 HTTP/1.1\r\nHost: 192.0.2.7:443\r\n\r\n');
    expect(hello('2001:db8::7')).toContain('CONNECT [2001:db8::7]:443 HTTP/1.1\r\n');
    expect(hello('192.0.2.7', { user: 'me', password: 'x' })).toContain(
      '\r\nProxy-Authorization: Basic bWU6eA==\r\n\r\n',
    );
  });

  it.each([
    ['HTTP/1.1 200 OK', 'connected'],
    ['HTTP/1.0 200', 'connected'],
    ['HTTP/1.1 403 Forbidden', 'prohibited'],
    ['HTTP/1.1 405 Method Not Allowed', 'prohibited'],
    ['HTTP/1.1 407 Proxy Authentication Required', 'no-proxy'],
    ['HTTP/1.1 501 Not Implemented', 'no-proxy'],
    ['HTTP/1.1 502 Bad Gateway', 'error'],
    ['HTTP/1.1 503 Service Unavailable', 'error'],
    ['HTTP/1.1 504 Gateway Timeout', 'error'],
    ['HTTP/1.1 301 Moved', 'error'],
    ['HTTP/1.1 nonsense', 'no-proxy'],
    ['SSH-2.0-OpenSSH_9.2p1', 'no-proxy'],
  ] as const)('takes "%s" for %s', (line, reply) => {
    expect(replyOf(proxyOf('http'), text(`${line}\r\nServer: x\r\n\r\n`))).toBe(reply);
  });

  it('gives up on a head without an end', () => {
    expect(replyOf(proxyOf('http'), text(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`))).toBe('no-proxy');
  });
});

/** Without the rest, which is what happens to be in the last piece. */
const plain = (step: HandshakeStep) =>
  step.kind === 'done' ? step.reply : { ...step, bytes: step.kind === 'send' ? [...step.bytes] : [] };

describe('A handshake', () => {
  it('comes to the same whatever pieces the words of the proxy come in', () => {
    const conversations: readonly (readonly [ProxyServer, readonly Uint8Array[]])[] = [
      [proxyOf('socks5', LOGIN), [bytes(5, 2), bytes(1, 0), bytes(5, 0, ...BOUND)]],
      [proxyOf('socks5'), [bytes(5, 0), bytes(5, 5, ...BOUND)]],
      [proxyOf('http'), [text('HTTP/1.1 200 OK\r\nVia: x\r\n\r\n')]],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...conversations), fc.integer({ min: 1, max: 7 }), ([proxy, said], size) => {
        const cut = said.flatMap((each) =>
          Array.from({ length: Math.ceil(each.length / size) }, (_, at) => each.subarray(at * size, (at + 1) * size)),
        );
        const told = (pieces: readonly Uint8Array[]) => steps(proxy, pieces).filter(({ kind }) => kind !== 'more');
        expect(told(cut).map(plain)).toEqual(told(said).map(plain));
      }),
    );
  });

  it('never throws, and never goes on for ever, whatever the proxy says', () => {
    const kind = fc.constantFrom('socks5' as const, 'http' as const);
    const said = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    fc.assert(fc.property(kind, said, (each, pieces) => void steps(proxyOf(each, LOGIN), pieces)));
  });
});
