import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { namesByAddress } from '../../shared/domain/address-names.ts';
import type { ChunkCells } from './chunk-cells.ts';

/** What each host is called: the names of the request that led to it, and then those that DNS has for it. */
export function hostNames(
  { names }: Pick<ScanResource, 'names'>,
  chunks: readonly Pick<ChunkCells, 'reverseNames'>[],
): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>(namesByAddress(names));
  for (const { reverseNames } of chunks) {
    for (const [address, found] of Object.entries(reverseNames)) {
      all.set(address, [...new Set([...(all.get(address) ?? []), ...(found ?? [])])]);
    }
  }
  return all;
}
