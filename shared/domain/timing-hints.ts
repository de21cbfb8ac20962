import type { Geometry } from './scan.ts';
import type { Address, EpochMillis, Millis, PortNumber } from './units.ts';

/**
 * What one worker knows of a target, published for the others of its scan. A hint: it may be old, and of two workers that
 * publish at once only one is read. No open or closed port rests on it.
 */
export interface TimingHints {
  readonly address: Address;
  /** SRTT and RTTVAR of RFC 6298. */
  readonly smoothedRtt: Millis;
  readonly rttVariation: Millis;
  /** Attempts that a silent port deserves, after the losses seen so far. */
  readonly attempts: number;
  /** Probes in flight at most after a loss: the fewest that any worker published; null where no loss was seen. */
  readonly window: number | null;
  /** TCP ports that answered, a closed and an open one: by them others tell a silent port from a target that is silent. */
  readonly closedPort: PortNumber | null;
  readonly openPort: PortNumber | null;
  /** When the target was last heard, as far as was known when this was published; null without such a port. */
  readonly heardAt: EpochMillis | null;
}

/** Do several chunks probe one address? Where each address lives in one chunk, no other worker could use its hints. */
export const isShared = ({ kind, chunks, addressCount }: Geometry): boolean =>
  kind === 'split' && chunks > addressCount;
