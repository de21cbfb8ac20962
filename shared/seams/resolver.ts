import type { Address } from '../domain/units.ts';

/** Host names to addresses, asked once a scan, at submission. */
export interface Resolver {
  /** Every address of the name, IPv4 and IPv6; an empty list where it has none. */
  resolve(name: string): Promise<readonly Address[]>;
}

/** Addresses to the names that DNS has for them (PTR). */
export interface ReverseResolver {
  /**
   * What the name servers say, unread: whoever holds the address may have written anything. Empty where it has no name;
   * undefined where no server answered.
   *
   * @param servers name servers to ask; empty for those of the machine
   */
  namesOf(address: Address, servers: readonly string[]): Promise<readonly string[] | undefined>;
}
