import { lookup } from 'node:dns/promises';
import type { Address } from '../domain/units.ts';
import type { Resolver } from '../seams/resolver.ts';

/**
 * What getaddrinfo says when a name has no address, for good (ENOTFOUND) or for now (EAI_AGAIN), or can have none: a
 * label that begins with "xn--" and is no IDN (EINVAL).
 */
const HAS_NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EINVAL']);

/** Resolves as every other program of this machine does: hosts file, search domains, then DNS. */
export const systemResolver: Resolver = {
  async resolve(name) {
    try {
      const found = await lookup(name, { all: true, order: 'verbatim' });
      return [...new Set(found.map(({ address }) => address as Address))];
    } catch (error) {
      if (HAS_NO_ADDRESS.has((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  },
};
