import { familyOf, pointOf } from '../domain/addresses/address-line.ts';
import { NOT_GLOBAL } from '../domain/addresses/special-addresses.ts';
import { hasPoint } from '../domain/intervals.ts';
import { hasPort, NO_PORTS, type PortSet, portSet } from '../domain/port-set.ts';
import type { Protocol } from '../domain/probe.ts';
import type { Address, PortNumber } from '../domain/units.ts';

/** Where a worker stands in the network, as far as it decides what can be seen from there. */
export interface EgressRestrictions {
  /** Ports that no packet to a public address reaches from there; private ones are in the worker's own network. */
  readonly blocked: PortSet;
  /** Families of addresses that there is a way to. */
  readonly families: ReadonlySet<4 | 6>;
}

/** Nothing is in the way. */
export const OPEN_EGRESS: EgressRestrictions = { blocked: NO_PORTS, families: new Set([4, 6]) };

const SMTP = 25 as PortNumber;

/** AWS lets nothing out to TCP port 25 unless an account asks for it; from there every host would seem to filter it. */
const WITHOUT_SMTP = portSet([[SMTP, SMTP]], []);

/** A function outside of a VPC, or in subnets without IPv6, has no way to an IPv6 address. */
export const LAMBDA_EGRESS: EgressRestrictions = { blocked: WITHOUT_SMTP, families: new Set([4]) };

/** A function in dual-stack subnets of a VPC has both families. */
export const DUAL_STACK_EGRESS: EgressRestrictions = { blocked: WITHOUT_SMTP, families: new Set([4, 6]) };

/** Which ports of an address no probe reaches from there; `all` where the address itself is out of reach. */
export function blockedPorts(egress: EgressRestrictions, address: Address): 'all' | PortSet {
  const point = pointOf(address);
  if (!egress.families.has(familyOf(point))) return 'all';
  return NOT_GLOBAL.some(({ spans }) => hasPoint(spans, point)) ? NO_PORTS : egress.blocked;
}

/** Is there no way for this probe? */
export const isBlocked = (blocked: 'all' | PortSet, protocol: Protocol, port: PortNumber): boolean =>
  blocked === 'all' || hasPort(blocked, protocol, port);
