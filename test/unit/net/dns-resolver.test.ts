import { describe, expect, it } from 'vitest';
import type { Address } from '../../../shared/domain/units.ts';
import { dnsResolver, makeReverseResolver, pointerName } from '../../../shared/net/dns-resolver.ts';
import { nameServer } from '../../helpers/dns-server.ts';
import { closedUdpPort } from '../../helpers/udp-ports.ts';

const address = (text: string): Address => text as Address;

describe('A named name server', () => {
  it('gives every address of a name, of both families, and none of a name that it does not have', async () => {
    await using dns = await nameServer({ 'web.test': ['127.0.0.7', '127.0.0.8', '::1'] });
    const resolver = dnsResolver([dns.server]);
    expect([...(await resolver.resolve('web.test'))].sort()).toEqual(['127.0.0.7', '127.0.0.8', '::1']);
    expect(await resolver.resolve('other.test')).toEqual([]);
  });

  it('that does not answer is named in the error', async () => {
    const port = await closedUdpPort();
    await expect(dnsResolver([`127.0.0.1:${port}`]).resolve('web.test')).rejects.toMatchObject({
      errors: [{ code: 'TARGET_UNRESOLVED', detail: expect.stringContaining(`127.0.0.1:${port}`) }],
    });
  });
});

describe('Names of an address', () => {
  it('are what the server has, nothing where it has none, and undefined where no server answers', async () => {
    await using dns = await nameServer({ [pointerName(address('127.0.9.1'))]: ['a.test', 'b.test'] });
    const resolver = makeReverseResolver();
    expect([...((await resolver.namesOf(address('127.0.9.1'), [dns.server])) ?? [])].sort()).toEqual([
      'a.test',
      'b.test',
    ]);
    expect(await resolver.namesOf(address('127.0.9.2'), [dns.server])).toEqual([]);
    const port = await closedUdpPort();
    expect(await resolver.namesOf(address('127.0.9.1'), [`127.0.0.1:${port}`])).toBeUndefined();
  });
});

describe('The name under which the names of an address stand', () => {
  it('has its octets, or the digits of an IPv6 address, from the last to the first', () => {
    expect(pointerName(address('192.0.2.7'))).toBe('7.2.0.192.in-addr.arpa');
    // The example of RFC 3596, section 2.5.
    expect(pointerName(address('4321:0:1:2:3:4:567:89ab'))).toBe(
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
    );
    expect(pointerName(address('fe80::1%eth0'))).toMatch(/^1\.(0\.){28}0?.*e\.f\.ip6\.arpa$/);
  });
});
