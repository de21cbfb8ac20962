import type { PortAt } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { HIGHEST_PORT } from '../../domain/units.ts';

/** On how many hosts a port is open. */
export interface PortFrequency extends PortAt {
  readonly hosts: number;
}

/** Counts open ports over all hosts, in memory that does not grow with the hosts: a number a port. */
export interface OpenPortCounts {
  add(host: HostReport): void;
  hosts(): number;
  /** The ports that are open on most hosts, the most frequent first. */
  most(count: number): PortFrequency[];
}

export function countOpenPorts(): OpenPortCounts {
  const counts = { tcp: new Uint32Array(HIGHEST_PORT + 1), udp: new Uint32Array(HIGHEST_PORT + 1) };
  let hosts = 0;
  return {
    add({ findings }) {
      if (findings.length > 0) hosts++;
      for (const { protocol, port } of findings) counts[protocol][port] = (counts[protocol][port] ?? 0) + 1;
    },
    hosts: () => hosts,
    most(count) {
      const all = (['tcp', 'udp'] as const).flatMap((protocol) =>
        Array.from(counts[protocol], (times, port) => ({ protocol, port: port as PortAt['port'], hosts: times })),
      );
      return all
        .filter((each) => each.hosts > 0)
        .sort((a, b) => b.hosts - a.hosts)
        .slice(0, count);
    },
  };
}
