import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { type AddressPoint, pointOf } from '../../shared/domain/addresses/address-line.ts';
import type { Address } from '../../shared/domain/units.ts';

const points = new Map<string, AddressPoint>();

/** Addresses as numbers, IPv4 first: 10.0.0.9 before 10.0.0.10. Read once each, since tables sort often. */
function addressPoint(address: string): AddressPoint {
  const known = points.get(address);
  if (known !== undefined) return known;
  const point = pointOf(address as Address);
  points.set(address, point);
  return point;
}

export function compareAddresses(a: string, b: string): number {
  if (a === b) return 0;
  return addressPoint(a) < addressPoint(b) ? -1 : 1;
}

/** In the order of reports: by address, protocol, port. */
export const compareFindings = (a: FindingResource, b: FindingResource): number =>
  compareAddresses(a.address, b.address) || a.protocol.localeCompare(b.protocol) || a.port - b.port;

/** The key of a finding: an address, a protocol and a port. */
export const findingKey = ({ address, protocol, port }: Pick<FindingResource, 'address' | 'protocol' | 'port'>) =>
  `${address} ${protocol}/${port}`;

const DAY = 86_400_000;

/** Days until the certificate of a port runs out, negative when it has; undefined without one. */
export function certificateDays(finding: FindingResource, now: number): number | undefined {
  const until = finding.tls?.certificate?.validTo;
  return until === undefined ? undefined : daysUntil(until, now);
}

/** Whole days, negative when it is past. */
export const daysUntil = (until: number, now: number): number => Math.floor((until - now) / DAY);
