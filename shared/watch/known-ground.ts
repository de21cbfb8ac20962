import { hasAddress, subtractAddresses } from '../domain/addresses/address-set.ts';
import { NO_PORTS, type PortSet, subtractPorts } from '../domain/port-set.ts';
import type { Scan } from '../domain/scan.ts';
import type { KnownGround } from '../domain/watch.ts';
import type { HostSighting } from './sighting.ts';

/** What a scan of everything covers. A host with a name is known by it, whatever its addresses are at the time. */
export const groundOf = ({ plan, names }: Pick<Scan, 'plan' | 'names'>): KnownGround => ({
  addresses: plan.addresses,
  names: names.map(({ name }) => name),
  ports: plan.ports,
});

/** Does the scan cover anything that the watch has never seen? */
export function isNewGround(known: KnownGround | null, { plan, names }: Pick<Scan, 'plan' | 'names'>): boolean {
  if (known === null || names.some(({ name }) => !known.names.includes(name))) return true;
  const named = names.flatMap(({ addresses }) => addresses.map((address) => ({ first: address, last: address })));
  const literal = subtractAddresses(plan.addresses, named);
  if (subtractAddresses(literal, known.addresses).length > 0) return true;
  return !isEmpty(subtractPorts(plan.ports, known.ports));
}

const isEmpty = ({ tcp, udp }: PortSet): boolean => tcp.length + udp.length === 0;

/** The ports of one host that the watch sees for the first time. */
export function newPorts(known: KnownGround | null, { host, addresses, planned }: HostSighting): PortSet {
  if (known === null) return planned;
  const isKnown = known.names.includes(host) || addresses.every((address) => hasAddress(known.addresses, address));
  if (!isKnown) return planned;
  return known.ports === planned ? NO_PORTS : subtractPorts(planned, known.ports);
}
