import { topPorts } from '../../shared/domain/registry/top-ports.ts';
import type { Scenario } from '../environment.ts';
import { withLab } from '../lab/lab.ts';
import { labEnvironment } from './lab-environment.ts';

const RTT = 20;

interface Network {
  readonly name: string;
  /** Addresses, as many as a block of that prefix length has; the lab answers for 1,024. */
  readonly prefix: 22 | 24;
  readonly topPorts: number;
  readonly hosts: number;
  readonly openPerHost: number;
}

/** Where the first host is: the second block of 256 is whole, and the first addresses of all are the wire's own ends. */
const FIRST_HOST: Readonly<Record<Network['prefix'], number>> = { 22: 8, 24: 256 };

/** A network in which some addresses are hosts, each with open ports of its own; the others are silent. */
function networkScenario({ name, prefix, topPorts: count, hosts, openPerHost }: Network): Scenario {
  const addresses = 2 ** (32 - prefix);
  const silent = (addresses - hosts).toLocaleString('en');
  return {
    name,
    title: `the top ${count} ports of a /${prefix}, ${hosts} hosts in it with ${openPerHost} open each, RTT ${RTT} ms, -T4`,
    bound: `two attempts at the silent addresses, ${silent} × ${count} ports: sockets × timeout, the kernel baseline's row`,
    withEnvironment: (seed, use) =>
      withLab({ rtt: RTT, seed }, async (lab) => {
        const ports: readonly number[] = topPorts('tcp', count);
        const open = new Map<string, Set<number>>();
        for (let host = 0; host < hosts; host++) {
          const address = lab.at(FIRST_HOST[prefix] + host * Math.floor(addresses / hosts));
          // Neighbours have different ports open, so that a finding put to the wrong host is seen.
          const own = Array.from({ length: openPerHost }, (_, nth) => ports[(host * 7 + nth * 31) % ports.length] ?? 0);
          await lab.open(own, { at: address });
          open.set(address, new Set(own));
        }
        await lab.alive([...open.keys()]);
        const closed = (address: string, port: number): boolean => open.get(address)?.has(port) === false;
        const network = lab.at(FIRST_HOST[prefix]).replace(/\.\d+$/, `.0/${prefix}`);
        const task = { targets: [network], ports: ports.join(','), timing: 'T4' } as const;
        return use(labEnvironment(lab, task, { open, closed, probes: addresses * ports.length }));
      }),
  };
}

/** One address in eight is a host. */
export const subnet = networkScenario({ name: 'subnet', prefix: 24, topPorts: 100, hosts: 32, openPerHost: 3 });

/** One address in a hundred is a host. */
export const manyHosts = networkScenario({ name: 'many-hosts', prefix: 22, topPorts: 10, hosts: 10, openPerHost: 2 });
