import { countPoints, hasPoint, type Interval, mergeIntervals, subtractIntervals } from './intervals.ts';
import type { Protocol } from './probe.ts';
import { HIGHEST_PORT, type PortNumber } from './units.ts';

/** Both ends belong to the range. */
export type PortRange = Interval<PortNumber>;

/** Ports by protocol; the ranges of each are sorted, disjoint and not adjacent. Index 0 is the lowest TCP port. */
export interface PortSet {
  readonly tcp: readonly PortRange[];
  readonly udp: readonly PortRange[];
}

export const NO_PORTS: PortSet = { tcp: [], udp: [] };

/** Every TCP port but 0, which is probed only when it is written. */
export const EVERY_TCP_PORT: PortSet = { tcp: [[1 as PortNumber, HIGHEST_PORT as PortNumber]], udp: [] };

const lengthOf = ([first, last]: PortRange): number => last - first + 1;

/** How many (protocol, port) pairs the set holds. */
export const countPorts = (set: PortSet): number => Number(countPoints(set.tcp) + countPoints(set.udp));

/** The set of all those ranges; overlaps, duplicates and neighbours merge. */
export function portSet(tcp: readonly PortRange[], udp: readonly PortRange[]): PortSet {
  return { tcp: mergeIntervals(tcp), udp: mergeIntervals(udp) };
}

/** The ports of `from` that are not in `away`. */
export const subtractPorts = (from: PortSet, away: PortSet): PortSet => ({
  tcp: subtractIntervals(from.tcp, away.tcp),
  udp: subtractIntervals(from.udp, away.udp),
});

export const hasPort = (set: PortSet, protocol: Protocol, port: number): boolean =>
  hasPoint<number>(set[protocol], port);

/** One port of a set, with its protocol. */
export interface PortAt {
  readonly protocol: Protocol;
  readonly port: PortNumber;
}

/** Every (protocol, port) of the set in order, TCP first, from `skip` on, `count` of them. */
export function* portsOf(set: PortSet, skip = 0, count = countPorts(set)): Generator<PortAt> {
  for (const { protocol, first, last } of piecesOf(set, skip, count)) {
    for (let port = first; port <= last; port++) yield { protocol, port: port as PortNumber };
  }
}

/** The lists that were made of a set. The chunks of a plan cut it into slices, the same ones for each address. */
const LISTS = new WeakMap<PortSet, Map<string, readonly PortAt[]>>();

/**
 * The same as a list: without a generator's step for each, 65,536 ports take 3 ms less, in every process of a scan. One
 * that was asked for before is the same list: of 64 hosts a report would make 4 million ports, and drop them again.
 */
export function portListOf(set: PortSet, skip: number, count: number): readonly PortAt[] {
  const lists = LISTS.get(set) ?? new Map<string, readonly PortAt[]>();
  LISTS.set(set, lists);
  const key = `${skip}+${count}`;
  const list = lists.get(key) ?? makePortList(set, skip, count);
  lists.set(key, list);
  return list;
}

function makePortList(set: PortSet, skip: number, count: number): readonly PortAt[] {
  const ports: PortAt[] = [];
  for (const { protocol, first, last } of piecesOf(set, skip, count)) {
    for (let port = first; port <= last; port++) ports.push({ protocol, port: port as PortNumber });
  }
  return ports;
}

/** Where the port stands among those of a list in order, TCP first; undefined where it is none of them. */
export function placeOfPort({ protocol, port }: PortAt, ports: readonly PortAt[]): number | undefined {
  let [low, high] = [0, ports.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = ports[middle];
    const isBefore = at && (at.protocol === protocol ? at.port < port : at.protocol < protocol);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return ports[low]?.protocol === protocol && ports[low]?.port === port ? low : undefined;
}

/** What of each range lies between the `skip`-th port of the set and the `count`-th after it. */
function* piecesOf(set: PortSet, skip: number, count: number) {
  let passed = 0;
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const range of set[protocol]) {
      const length = lengthOf(range);
      const from = Math.max(0, skip - passed);
      const to = Math.min(length, skip + count - passed);
      if (from < to) yield { protocol, first: range[0] + from, last: range[0] + to - 1 };
      passed += length;
    }
  }
}

const formatRanges = (ranges: readonly PortRange[]): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');

/** The set in the port grammar: "22,80,8000-9000", "T:443,U:53". */
export function formatPorts(set: PortSet): string {
  if (set.udp.length === 0) return formatRanges(set.tcp);
  const udp = `U:${formatRanges(set.udp)}`;
  return set.tcp.length === 0 ? udp : `T:${formatRanges(set.tcp)},${udp}`;
}
