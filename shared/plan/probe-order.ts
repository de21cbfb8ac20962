import type { Chunk } from '../domain/chunk.ts';
import type { PortList } from '../domain/port-list.ts';
import type { Protocol } from '../domain/probe.ts';
import { topPorts } from '../domain/registry/top-ports.ts';
import type { PortNumber, Seed } from '../domain/units.ts';
import { permutation } from './permutation.ts';

/**
 * The order in which the probes of a chunk are sent: 0 … size − 1 to offsets, a bijection, from the chunk and its seed
 * alone.
 *
 * Shuffled, but for the ranked UDP ports: they go first and by rank. A host that limits how often it says that a port is
 * closed says so for the first that are sent, and those should be the ports on which a service would be found. Of a single
 * address the likeliest TCP ports go first as well (as with nmap): if anything of it answers, it is these, and the first
 * answer tells how long to wait for all others. Where the user wants them in order (nmap's -r), they go in order.
 */
export function probeOrder(
  { addresses, ports, size }: Pick<Chunk, 'addresses' | 'ports' | 'size'>,
  seed: Seed,
  kind?: 'ascending',
): (index: number) => number {
  if (kind === 'ascending') return rounds({ addresses, ports }, (nth) => nth);
  const first = ports.udpFrom < ports.length ? placesOf('udp', topPorts('udp', RANKED_UDP), ports) : [];
  if (first.length === 0) {
    const shuffled = permutation(size, seed);
    return addresses.length === 1 ? putFirst(placesOf('tcp', LIKELIEST, ports), shuffled) : shuffled;
  }
  const isFirst = new Set(first);
  const rest = Array.from({ length: ports.length }, (_, place) => place).filter((place) => !isFirst.has(place));
  const address = permutation(addresses.length, seed);
  const shuffled = permutation(rest.length * addresses.length, seed);
  const ranked = first.length * addresses.length;
  const offset = (host: number, place: number): number => host * ports.length + place;
  return (index) => {
    if (index < ranked) {
      const place = first[Math.floor(index / addresses.length)] ?? 0;
      return offset(address(index % addresses.length), place);
    }
    const at = shuffled(index - ranked);
    return offset(Math.floor(at / rest.length), rest[at % rest.length] ?? 0);
  };
}

/** Where those of the wanted ports stand that are in the list. */
const placesOf = (protocol: Protocol, wanted: readonly PortNumber[], ports: PortList): readonly number[] =>
  wanted.flatMap((port) => ports.placeOf({ protocol, port }) ?? []);

/** Port after port, each of all addresses: a host is not sent one port after the other where another may have its turn. */
const rounds =
  ({ addresses, ports }: Pick<Chunk, 'addresses' | 'ports'>, address: (nth: number) => number) =>
  (index: number): number =>
    address(index % addresses.length) * ports.length + Math.floor(index / addresses.length);

/** Port after port as they stand, each of all addresses, and these shuffled. */
export const inRounds = (chunk: Pick<Chunk, 'addresses' | 'ports'>, seed: Seed): ((index: number) => number) =>
  rounds(chunk, permutation(chunk.addresses.length, seed));

/** How far a chunk was probed in its order, going by the verdicts there are: what is pending before has been silent. */
export function triedUpTo(codes: Uint8Array, order: (index: number) => number): number {
  let index = codes.length;
  while (index > 0 && codes[order(index - 1)] === 0) index -= 1;
  return index;
}

/** Near to nmap's own 25. */
const LIKELIEST = topPorts('tcp', 32).toSorted((a, b) => a - b);

/** So many UDP ports go by their rank. */
const RANKED_UDP = 1_000;

/**
 * An order with some of its values moved to the beginning. Still a bijection: the values that they push out from there go
 * to where the moved ones came from. Takes memory for the moved ones only.
 */
function putFirst(first: readonly number[], order: (index: number) => number): (index: number) => number {
  const beginning = first.map((_, index) => order(index));
  const [moved, wereThere] = [new Set(first), new Set(beginning)];
  const pushedOut = beginning.filter((value) => !moved.has(value));
  const cameFromLater = first.filter((value) => !wereThere.has(value));
  const inPlaceOf = new Map(cameFromLater.map((value, index) => [value, pushedOut[index] ?? value]));
  return (index) => {
    const early = first[index];
    if (early !== undefined) return early;
    const value = order(index);
    return inPlaceOf.get(value) ?? value;
  };
}
