import type { Address } from './units.ts';

/**
 * A host that accepts on nearly every port that answers: a SYN proxy, a tarpit or a firewall that speaks for the hosts
 * behind it. Its open ports are what was seen, but they are no evidence of services.
 */
export interface Anomaly {
  readonly kind: 'all-open';
  readonly address: Address;
  readonly open: number;
  /** Ports that answered at all: open and closed. */
  readonly answered: number;
}

/** Fewer open ports than this may be a busy host: the largest we know offers some dozens of services. */
const LEAST_OPEN = 100;

/** A host that really listens on a hundred ports still refuses most of those that are asked beside them. */
const LEAST_SHARE = 0.9;

/** What to think of a host with so many open ports among those that answered. */
export const isAnomalous = (open: number, answered: number): boolean =>
  open >= LEAST_OPEN && open >= LEAST_SHARE * answered;
