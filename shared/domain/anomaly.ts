import type { Incident } from './incident.ts';
import type { Address, EpochMillis } from './units.ts';

/** Why what a host shows should not be believed as it stands. */
export type Anomaly = AllOpen | ResetEverything;

/**
 * A host that accepts on nearly every port that answers: a SYN proxy, a tarpit or a firewall that speaks for the hosts
 * behind it. Its open ports are what was seen, but they say nothing of services.
 */
export interface AllOpen {
  readonly kind: 'all-open';
  readonly address: Address;
  readonly open: number;
  /** Ports that answered at all: open and closed. */
  readonly answered: number;
}

/**
 * A host that had shown other states, and reset everything from some moment on, also what had been open: a port sentry or a
 * firewall that has banned this scanner, or services that have stopped. What it reset since then may be open to others.
 */
export interface ResetEverything {
  readonly kind: 'reset-everything';
  readonly address: Address;
  /** When it last showed another state. */
  readonly since: EpochMillis;
  /** When it did so again; null if it did not. */
  readonly until: EpochMillis | null;
  /** Ports that were reset meanwhile. */
  readonly ports: number;
}

export const anomalyOfIncident = ({ kind, address, from, until, ports }: Incident): ResetEverything[] =>
  kind === 'reset-everything' ? [{ kind, address, since: from, until, ports }] : [];

/** Fewer open ports than this may be a busy host: the largest we know offers some dozens of services. */
const LEAST_OPEN = 100;

/** A host that really listens on a hundred ports still refuses most of those that are probed beside them. */
const LEAST_SHARE = 0.9;

/** What to think of a host with so many open ports among those that answered. */
export const isAnomalous = (open: number, answered: number): boolean =>
  open >= LEAST_OPEN && open >= LEAST_SHARE * answered;
