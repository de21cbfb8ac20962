import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Prober } from '../seams/prober.ts';
import { tcpProber } from './tcp-prober.ts';
import { udpProber } from './udp-prober.ts';

/** Sends each probe in its own protocol, through the sockets of this process. */
export const netProber: Prober = {
  send: (probe, tell) => (probe.protocol === 'tcp' ? tcpProber : udpProber).send(probe, tell),
  lacksFamilyOf(address) {
    const own = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family }) => family === (isIPv6(address) ? 'IPv6' : 'IPv4'));
    return !own.some((each) => (reachOf(address) === 'world' ? reachOf(each.address) === 'world' : true));
  },
};

/** Link-local and loopback addresses are every machine's own: with no other address it reaches nothing beyond. */
function reachOf(address: string): 'machine' | 'link' | 'world' {
  if (address.startsWith('127.') || address === '::1') return 'machine';
  return /^(169\.254\.|fe[89ab])/i.test(address) ? 'link' : 'world';
}
