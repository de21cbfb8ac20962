import { NO_PORTS, type PortSet, portSet } from '../domain/port-set.ts';
import type { PortNumber } from '../domain/units.ts';

/** Where a worker stands in the network, as far as it decides what can be seen from there. */
export interface EgressRestrictions {
  /** Ports that no packet reaches from there, whatever the target. */
  readonly blocked: PortSet;
}

/** Nothing is in the way. */
export const OPEN_EGRESS: EgressRestrictions = { blocked: NO_PORTS };

const SMTP = 25 as PortNumber;

/** AWS lets nothing out to TCP port 25 unless an account asks for it; from there every host would seem to filter it. */
export const LAMBDA_EGRESS: EgressRestrictions = { blocked: portSet([[SMTP, SMTP]], []) };
