import type { ResolvedName } from './scan.ts';
import type { Address } from './units.ts';

/** The names of a request by the addresses that they resolved to when it was submitted, in the order of the request. */
export function namesByAddress(resolved: readonly ResolvedName[]): ReadonlyMap<Address, readonly string[]> {
  const names = new Map<Address, string[]>();
  for (const { name, addresses } of resolved) {
    for (const address of addresses) {
      const known = names.get(address);
      if (known) known.push(name);
      else names.set(address, [name]);
    }
  }
  return names;
}
