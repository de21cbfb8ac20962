import { type PortAt, type PortSet, portSet, subtractPorts } from './port-set.ts';
import type { Protocol } from './probe.ts';
import type { PortNumber } from './units.ts';

/**
 * Host discovery: which addresses have a host at all.
 *
 *   none    no discovery: every port of every address is probed (nmap's -Pn), and nothing is missed
 *   before  a few likely ports of each address first; of an address that is silent on all of them the rest is not sent
 *   only    nothing but those few ports, or the ports that the request names (nmap's -sn)
 */
export const DISCOVERIES = ['none', 'before', 'only'] as const;
export type DiscoveryName = (typeof DISCOVERIES)[number];

/** What a plan says of it; absent for `none`. */
export type Discovery = { readonly kind: 'before'; readonly ports: PortSet } | { readonly kind: 'only' };

/**
 * Chosen for hosts behind a firewall, which answer where they offer something and nowhere else: the web, the ways in of
 * Unix, of Windows and of routers, mail and names. A host without a firewall answers on any port, if only to refuse.
 */
const TCP = [443, 80, 22, 445, 3389, 135, 53, 8080, 21, 23, 25, 8443];

/** Services that answer the question they are sent, or whose host says that the port is closed. */
const UDP = [53, 123, 137, 161];

const CHOSEN = { tcp: TCP, udp: UDP } as const;

/** The ports that tell whether there is a host, of these protocols, less those that are never to be sent a probe. */
export function discoveryPorts(protocols: readonly Protocol[], away: PortSet): PortSet {
  const ranges = (protocol: Protocol) =>
    (protocols.includes(protocol) ? CHOSEN[protocol] : []).map((port) => [port, port] as [PortNumber, PortNumber]);
  return subtractPorts(portSet(ranges('tcp'), ranges('udp')), away);
}

/** TCP first, and of each protocol those that most hosts answer on; what was not chosen here comes last. */
export function likeliestFirst(ports: Iterable<PortAt>): PortAt[] {
  const rank = ({ protocol, port }: PortAt): number => {
    const place = CHOSEN[protocol].indexOf(port);
    return place === -1 ? CHOSEN[protocol].length : place;
  };
  return [...ports].sort((a, b) => a.protocol.localeCompare(b.protocol) || rank(a) - rank(b));
}
