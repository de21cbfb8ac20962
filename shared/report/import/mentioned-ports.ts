import { type PortRange, type PortSet, portSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import { HIGHEST_PORT, type PortNumber } from '../../domain/units.ts';
import type { NmapHost, NmapRun } from './nmap-run.ts';

/** Every port that the file asked or mentions: what an import's plan consists of. */
export function mentionedPorts({ asked, hosts }: NmapRun): PortSet {
  const flags = { tcp: new Uint8Array(HIGHEST_PORT + 1), udp: new Uint8Array(HIGHEST_PORT + 1) };
  for (const protocol of PROTOCOLS) flagRanges(flags[protocol], asked?.[protocol] ?? []);
  for (const host of hosts) {
    for (const { protocol, port } of host.ports) flags[protocol][port] = 1;
    for (const { protocol, ranges } of listsOf(host)) flagRanges(flags[protocol], ranges);
  }
  return portSet(flaggedRanges(flags.tcp), flaggedRanges(flags.udp));
}

function listsOf({ gaps, extras }: NmapHost): { protocol: Protocol; ranges: readonly PortRange[] }[] {
  return [...gaps, ...extras.flatMap(({ reasons }) => reasons.flatMap(({ ports }) => ports ?? []))];
}

function flagRanges(flags: Uint8Array, ranges: readonly PortRange[]): void {
  for (const [first, last] of ranges) flags.fill(1, first, last + 1);
}

function flaggedRanges(flags: Uint8Array): PortRange[] {
  const ranges: PortRange[] = [];
  for (let first = flags.indexOf(1); first >= 0; first = flags.indexOf(1, first)) {
    const end = flags.indexOf(0, first);
    const after = end < 0 ? flags.length : end;
    ranges.push([first as PortNumber, (after - 1) as PortNumber]);
    first = after;
  }
  return ranges;
}
