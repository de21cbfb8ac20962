import { Resolver as DnsResolver } from 'node:dns/promises';
import { parseIpv6 } from '../domain/addresses/ip-literal.ts';
import { errorValue, PortfleetError } from '../domain/errors.ts';
import type { Address } from '../domain/units.ts';
import type { Resolver, ReverseResolver } from '../seams/resolver.ts';

/** As resolv.conf has it for one server (RES_TIMEOUT is 5 s, twice), but shorter: a scan looks up many. */
const PATIENCE = { timeout: 2_000, tries: 2 };

/** A server answered, and has nothing: no such name, no record of that kind, or one that is no host name. */
const HAS_NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADRESP', 'EBADNAME', 'EFORMERR']);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** Asks those name servers alone: no hosts file, no search domains. */
export function dnsResolver(servers: readonly string[]): Resolver {
  const resolver = makeResolver(servers);
  const addresses = async (name: string, family: 4 | 6): Promise<readonly string[]> => {
    try {
      return await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
    } catch (error) {
      if (HAS_NONE.has(codeOf(error))) return [];
      const detail = `The name servers ${servers.join(', ')} gave no answer for "${name}" (${codeOf(error)}).`;
      throw new PortfleetError([errorValue('TARGET_UNRESOLVED', detail)]);
    }
  };
  return {
    resolve: async (name) =>
      (await Promise.all([addresses(name, 4), addresses(name, 6)])).flat().map((address) => address as Address),
  };
}

/**
 * Asks for PTR records. Not by `reverse`, which reads the hosts file as well, and gives the same error for a server that
 * has no name and for one that does not answer.
 */
export function makeReverseResolver(): ReverseResolver {
  const resolvers = new Map<string, DnsResolver>();
  const resolverOf = (servers: readonly string[]): DnsResolver => {
    const known = resolvers.get(servers.join()) ?? makeResolver(servers);
    resolvers.set(servers.join(), known);
    return known;
  };
  return {
    async namesOf(address, servers) {
      try {
        return await resolverOf(servers).resolvePtr(pointerName(address));
      } catch (error) {
        return HAS_NONE.has(codeOf(error)) ? [] : undefined;
      }
    },
  };
}

/** Where the PTR records of an address stand: RFC 1035 section 3.5, RFC 3596 section 2.5. */
export function pointerName(address: Address): string {
  const [plain = ''] = address.split('%');
  const number = parseIpv6(plain);
  if (number === undefined) return `${plain.split('.').reverse().join('.')}.in-addr.arpa`;
  return `${[...number.toString(16).padStart(32, '0')].reverse().join('.')}.ip6.arpa`;
}

function makeResolver(servers: readonly string[]): DnsResolver {
  const resolver = new DnsResolver(PATIENCE);
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}
