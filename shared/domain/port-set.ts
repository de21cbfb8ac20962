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

const _lengthOf = ([first, last]: PortRange): number => last - first + 1;

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

/** The place of a port among all there are, TCP first. */
export const placeOf = ({ protocol, port }: PortAt): number => (protocol === 'udp' ? HIGHEST_PORT + 1 : 0) + port;

const formatRanges = (ranges: readonly PortRange[]): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');

/** The set in the port grammar: "22,80,8000-9000", "T:443,U:53". */
export function formatPorts(set: PortSet): string {
  if (set.udp.length === 0) return formatRanges(set.tcp);
  const udp = `U:${formatRanges(set.udp)}`;
  return set.tcp.length === 0 ? udp : `T:${formatRanges(set.tcp)},${udp}`;
}
