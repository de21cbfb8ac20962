import type { Protocol } from './probe.ts';
import { HIGHEST_PORT, type PortNumber } from './units.ts';

/** Both ends belong to the range. */
export type PortRange = readonly [first: PortNumber, last: PortNumber];

/** Ports by protocol; the ranges of each are sorted, disjoint and not adjacent. Index 0 is the lowest TCP port. */
export interface PortSet {
  readonly tcp: readonly PortRange[];
  readonly udp: readonly PortRange[];
}

export const NO_PORTS: PortSet = { tcp: [], udp: [] };

/** Every TCP port but 0, which is asked only when it is written. */
export const EVERY_TCP_PORT: PortSet = { tcp: [[1 as PortNumber, HIGHEST_PORT as PortNumber]], udp: [] };

const lengthOf = ([first, last]: PortRange): number => last - first + 1;

const countRanges = (ranges: readonly PortRange[]): number => ranges.reduce((sum, range) => sum + lengthOf(range), 0);

/** How many (protocol, port) pairs the set holds. */
export const countPorts = (set: PortSet): number => countRanges(set.tcp) + countRanges(set.udp);

function mergeRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: [PortNumber, PortNumber][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last) as PortNumber;
    else merged.push([first, last]);
  }
  return merged;
}

/** The set of all those ranges; overlaps, duplicates and neighbours merge. */
export function portSet(tcp: readonly PortRange[], udp: readonly PortRange[]): PortSet {
  return { tcp: mergeRanges(tcp), udp: mergeRanges(udp) };
}

/** What two sorted lists of disjoint ranges have in common: one walk along both. */
function intersectRanges(a: readonly PortRange[], b: readonly PortRange[]): PortRange[] {
  const common: PortRange[] = [];
  let [i, j] = [0, 0];
  for (let [left, right] = [a[i], b[j]]; left && right; [left, right] = [a[i], b[j]]) {
    const first = Math.max(left[0], right[0]) as PortNumber;
    const last = Math.min(left[1], right[1]) as PortNumber;
    if (first <= last) common.push([first, last]);
    if (left[1] < right[1]) i++;
    else j++;
  }
  return common;
}

/** The ranges between those of a sorted list, from port 0 to the highest. */
function gapsOf(ranges: readonly PortRange[]): PortRange[] {
  const starts = [0, ...ranges.map(([, last]) => last + 1)];
  const ends = [...ranges.map(([first]) => first - 1), HIGHEST_PORT];
  return starts.flatMap((start, index): PortRange[] => {
    const end = ends[index] ?? HIGHEST_PORT;
    return start <= end ? [[start as PortNumber, end as PortNumber]] : [];
  });
}

const subtractRanges = (from: readonly PortRange[], away: readonly PortRange[]): PortRange[] =>
  intersectRanges(from, gapsOf(away));

/** The ports of `from` that are not in `away`. */
export const subtractPorts = (from: PortSet, away: PortSet): PortSet => ({
  tcp: subtractRanges(from.tcp, away.tcp),
  udp: subtractRanges(from.udp, away.udp),
});

export const hasPort = (set: PortSet, protocol: Protocol, port: number): boolean =>
  set[protocol].some(([first, last]) => first <= port && port <= last);

/** One port of a set, with its protocol. */
export interface PortAt {
  readonly protocol: Protocol;
  readonly port: PortNumber;
}

/** Every (protocol, port) of the set in order, TCP first, from `skip` on, `count` of them. */
export function* portsOf(set: PortSet, skip = 0, count = countPorts(set)): Generator<PortAt> {
  let passed = 0;
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const range of set[protocol]) {
      const length = lengthOf(range);
      const from = Math.max(0, skip - passed);
      const to = Math.min(length, skip + count - passed);
      for (let offset = from; offset < to; offset++) yield { protocol, port: (range[0] + offset) as PortNumber };
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
