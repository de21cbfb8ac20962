import { countPorts, type PortAt, type PortSet } from './port-set.ts';
import type { Protocol } from './probe.ts';
import type { PortNumber } from './units.ts';

/**
 * Ports in a row, by their places from 0 on: what a chunk probes of each address, TCP first. It keeps ranges and no port:
 * a list of 65,535 objects takes each process of a scan 8 to 18 ms in its first moments, and 2 MB.
 */
export interface PortList extends Iterable<PortAt> {
  readonly length: number;
  /** The place of the first UDP port; `length` where there is none. */
  readonly udpFrom: number;
  at(place: number): PortAt | undefined;
  /** Undefined for a port that is not in the list. */
  placeOf(port: PortAt): number | undefined;
}

/** Ports that follow each other, and the place of the first. */
interface Piece {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  readonly place: number;
}

/** Those of the set in order, TCP first, from the `skip`-th on, `count` of them; left out, all. */
export function portsOf(set: PortSet, skip = 0, count = countPorts(set)): PortList {
  const pieces: Piece[] = [];
  let passed = 0;
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const [lowest, highest] of set[protocol]) {
      const length = highest - lowest + 1;
      const from = Math.max(0, skip - passed);
      const to = Math.min(length, skip + count - passed);
      const place = Math.max(0, passed - skip);
      if (from < to) pieces.push({ protocol, first: lowest + from, last: lowest + to - 1, place });
      passed += length;
    }
  }
  return listOf(pieces);
}

/** Those ports as they stand. A port is found again by its place only where they are in order, TCP first. */
export const portsInRow = (ports: readonly PortAt[]): PortList =>
  listOf(ports.map(({ protocol, port }, place) => ({ protocol, first: port, last: port, place })));

function listOf(pieces: readonly Piece[]): PortList {
  const end = pieces.at(-1);
  const length = end ? end.place + lengthOf(end) : 0;
  /** The last piece that is not behind what is looked for; -1 where all are. */
  const lastWhere = (isUpTo: (piece: Piece) => boolean): number => {
    let [low, high] = [0, pieces.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const piece = pieces[middle];
      if (piece && isUpTo(piece)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  return {
    length,
    udpFrom: pieces.find(({ protocol }) => protocol === 'udp')?.place ?? length,
    at(place) {
      if (place < 0 || place >= length) return undefined;
      const piece = pieces[pieces.length === 1 ? 0 : lastWhere((each) => each.place <= place)];
      return piece && { protocol: piece.protocol, port: (piece.first + place - piece.place) as PortNumber };
    },
    placeOf({ protocol, port }) {
      const piece =
        pieces[lastWhere((each) => (each.protocol === protocol ? each.first <= port : each.protocol < protocol))];
      return piece?.protocol === protocol && port <= piece.last ? piece.place + port - piece.first : undefined;
    },
    *[Symbol.iterator]() {
      for (const { protocol, first, last } of pieces) {
        for (let port = first; port <= last; port++) yield { protocol, port: port as PortNumber };
      }
    },
  };
}

const lengthOf = ({ first, last }: Piece): number => last - first + 1;
