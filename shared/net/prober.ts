import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { zoneOf } from '../domain/addresses/address-line.ts';
import type { Prober } from '../seams/prober.ts';
import { tcpProber } from './tcp-prober.ts';
import { udpProber } from './udp-prober.ts';

/** Sends each probe in its own protocol, through the sockets of this process. */
export const netProber: Prober = {
  send: (probe, tell) => (probe.protocol === 'tcp' ? tcpProber : udpProber).send(probe, tell),
  lacksFamilyOf(address) {
    const all = networkInterfaces();
    if (reachOf(address) === 'link' && isIPv6(address)) return !isBehind(all, zoneOf(address));
    const own = Object.values(all)
      .flatMap((each) => each ?? [])
      .filter(({ family }) => family === (isIPv6(address) ? 'IPv6' : 'IPv4'));
    return !own.some((each) => (reachOf(address) === 'world' ? reachOf(each.address) === 'world' : true));
  },
};

/** Is the interface of that name, or with that number, there and able to speak IPv6? Without one, no packet has a way. */
function isBehind(interfaces: ReturnType<typeof networkInterfaces>, zone: string | undefined): boolean {
  return Object.entries(interfaces).some(([name, addresses = []]) =>
    addresses.some((each) => each.family === 'IPv6' && (name === zone || String(each.scopeid) === zone)),
  );
}

/** Link-local and loopback addresses are every machine's own: with no other address it reaches nothing beyond. */
function reachOf(address: string): 'machine' | 'link' | 'world' {
  if (address.startsWith('127.') || address === '::1') return 'machine';
  return /^(169\.254\.|fe[89ab])/i.test(address) ? 'link' : 'world';
}
