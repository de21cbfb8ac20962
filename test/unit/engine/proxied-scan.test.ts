import { describe, expect, it } from 'vitest';
import type { ProxyKind, ProxyServer } from '../../../shared/domain/proxy.ts';
import type { Address, PortNumber } from '../../../shared/domain/units.ts';
import { proxyProber } from '../../../shared/net/proxy-tunnel.ts';
import { closedPort, openPort } from '../../helpers/ports.ts';
import { httpProxy, socksProxy } from '../../helpers/proxy-server.ts';
import { chunkOf, startEngine, tcp, verdicts } from '../../helpers/run-engine.ts';
import { virtualNetwork } from '../../helpers/virtual-network.ts';

const through = (kind: ProxyKind, port: number, login: ProxyServer['login'] = null) =>
  proxyProber({ kind, address: '127.0.0.1' as Address, port: port as PortNumber, login });

const scan = async (prober: ReturnType<typeof proxyProber>, ...ports: readonly number[]) =>
  verdicts(await startEngine(chunkOf(tcp(...ports)), undefined, { prober }).result);

describe('A scan through a proxy', () => {
  it.each([
    ['socks5', socksProxy, 'closed/proxy-refused'],
    ['http', httpProxy, 'closed|filtered/proxy-error'],
  ] as const)('of kind %s tells what the proxy says of each port', async (kind, make, closed) => {
    await using proxy = await make();
    await using listener = await openPort();
    const other = await closedPort();
    expect(await scan(through(kind, proxy.port), listener.port, other)).toEqual(['open/proxy-connected', closed]);
    expect(proxy.asked.map(({ to }) => to).sort()).toEqual([`127.0.0.1:${listener.port}`, `127.0.0.1:${other}`].sort());
  });

  it('has a reason for each word of SOCKS, and one where the proxy hangs up over it', async () => {
    await using proxy = await socksProxy({ answer: (port) => (port > 6 ? 'hang-up' : port) });
    expect(await scan(through('socks5', proxy.port), 1, 2, 3, 4, 5, 6, 7)).toEqual([
      'closed|filtered/proxy-error',
      'filtered/proxy-prohibited',
      'filtered/proxy-net-unreach',
      'filtered/proxy-host-unreach',
      'closed/proxy-refused',
      'filtered/proxy-ttl-expired',
      'closed|filtered/proxy-error',
    ]);
  });

  it.each([
    ['socks5', socksProxy],
    ['http', httpProxy],
  ] as const)('of kind %s logs in, with what the URL has', async (kind, make) => {
    await using proxy = await make({ login: 'me:s:cret' });
    await using listener = await openPort();
    const prober = through(kind, proxy.port, { user: 'me', password: 's:cret' });
    expect(await scan(prober, listener.port)).toEqual(['open/proxy-connected']);
    expect(proxy.asked).toEqual([{ to: `127.0.0.1:${listener.port}`, login: 'me:s:cret' }]);
  });
});

describe('A proxy that is not there', () => {
  it('is a fault of ours: no port has a state for it, and the scan ends', async () => {
    const { clock, run } = virtualNetwork({});
    // What refuses is no round trip away in virtual time, and the patience with it is 15 s of that.
    const engine = startEngine(chunkOf(tcp(1, 2, 3)), undefined, {
      clock,
      prober: {
        send(_probe, tell) {
          clock.after(5 as Parameters<typeof clock.after>[0], () =>
            tell({ kind: 'proxy', reply: 'no-proxy', errno: 'ECONNREFUSED' }),
          );
          return { cancel: () => {}, isOnItsWay: () => false };
        },
      },
    });
    expect(new Set(verdicts(await run(engine.result)))).toEqual(new Set(['unprobed/proxy-unreachable']));
  });

  it('is one as well where it answers nothing at all', async () => {
    const { clock, run } = virtualNetwork({});
    const engine = startEngine(chunkOf(tcp(1, 2, 3)), undefined, {
      clock,
      prober: { send: () => ({ cancel: () => {}, isOnItsWay: () => false }) },
    });
    expect(new Set(verdicts(await run(engine.result)))).toEqual(new Set(['unprobed/proxy-unreachable']));
  });

  it('costs no port when it is back', async () => {
    await using proxy = await socksProxy();
    await using listener = await openPort();
    const prober = through('socks5', proxy.port);
    let failures = 3;
    const flaky: typeof prober = {
      send(probe, tell) {
        if (failures-- <= 0) return prober.send(probe, tell);
        setImmediate(() => tell({ kind: 'proxy', reply: 'no-proxy', errno: 'ECONNRESET' }));
        return { cancel: () => {}, isOnItsWay: () => false };
      },
    };
    expect(await scan(flaky, listener.port)).toEqual(['open/proxy-connected']);
  });

  it('is one that does not let us in, by its word in either language', async () => {
    for (const [kind, make] of [
      ['socks5', socksProxy],
      ['http', httpProxy],
    ] as const) {
      await using proxy = await make({ login: 'me:right' });
      const prober = through(kind, proxy.port, { user: 'me', password: 'wrong' });
      const told = await new Promise((resolve) => {
        prober.send({ address: '127.0.0.1' as Address, protocol: 'tcp', port: 1 as PortNumber }, resolve);
      });
      expect(told).toEqual({ kind: 'proxy', reply: 'no-proxy', errno: null });
    }
  });
});
