import type { Address } from '../domain/units.ts';

/** Host names to addresses, asked once a scan, at submission. */
export interface Resolver {
  /** Every address of the name, IPv4 and IPv6; an empty list where it has none. */
  resolve(name: string): Promise<readonly Address[]>;
}
