import type { Address } from './units.ts';

/** Of which addresses the names are looked up that DNS has for them: those of hosts that answer, or all. */
export const REVERSE_NAMES = ['none', 'live', 'all'] as const;
export type ReverseNamesChoice = (typeof REVERSE_NAMES)[number];

/** What a plan says of it; a plan without looks none up. */
export interface ReverseNames {
  readonly of: Exclude<ReverseNamesChoice, 'none'>;
  /** Name servers in place of those of the machine that asks; empty for those. */
  readonly servers: readonly string[];
}

/**
 * Names by address, as whoever holds the address in DNS has set them. Anybody can give an address any name, so they are
 * shown and nothing else: no scope, no expectation, no certificate goes by them.
 */
export type NamesOfAddresses = Readonly<Record<Address, readonly string[]>>;
