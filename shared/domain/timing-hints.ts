import type { Geometry } from './scan.ts';
import type { Address, Millis } from './units.ts';

/**
 * What one worker has learnt of a target, told to the others of its scan. A hint: it may be old, and of two workers that
 * tell at once only one is heard. No verdict rests on it.
 */
export interface TimingHints {
  readonly address: Address;
  /** SRTT and RTTVAR of RFC 6298. */
  readonly smoothedRtt: Millis;
  readonly rttVariation: Millis;
  /** Asks that a silent port deserves, after the losses seen so far. */
  readonly attempts: number;
  /** Asks under way at most after a loss: the fewest that anybody told of; null where no loss was seen. */
  readonly window: number | null;
}

/** Do several chunks ask one address? Where each address lives in one chunk, nobody else could use what is learnt of it. */
export const isShared = ({ kind, chunks, addressCount }: Geometry): boolean =>
  kind === 'split' && chunks > addressCount;
