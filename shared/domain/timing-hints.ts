import type { Geometry } from './scan.ts';
import type { Address, Millis } from './units.ts';

/**
 * What one worker knows of a target, published for the others of its scan. A hint: it may be old, and of two workers that
 * publish at once only one is read. No verdict rests on it.
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
}

/** Do several chunks probe one address? Where each address lives in one chunk, no other worker could use its hints. */
export const isShared = ({ kind, chunks, addressCount }: Geometry): boolean =>
  kind === 'split' && chunks > addressCount;
