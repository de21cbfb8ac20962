import { topPorts } from '../../shared/domain/registry/top-ports.ts';
import type { Scenario } from '../environment.ts';
import { withLab } from '../lab/lab.ts';
import { labEnvironment } from './lab-environment.ts';

const RTT = 20;
const HOSTS = 32;
const OPEN_PER_HOST = 3;

/** A network in which one address in eight is a host, each with open ports of its own; the others are silent. */
export const subnet: Scenario = {
  name: 'subnet',
  title: `the top 100 ports of a /24, ${HOSTS} hosts in it with ${OPEN_PER_HOST} open each, RTT ${RTT} ms, -T4`,
  bound: "two attempts at the silent addresses, 224 × 100 ports: sockets × timeout, the kernel baseline's row",
  withEnvironment: (seed, use) =>
    withLab({ rtt: RTT, seed }, async (lab) => {
      const ports: readonly number[] = topPorts('tcp', 100);
      const open = new Map<string, Set<number>>();
      for (let host = 0; host < HOSTS; host++) {
        const address = lab.at(256 + host * 8);
        // Neighbours have different ports open, so that a finding put to the wrong host is seen.
        const own = Array.from({ length: OPEN_PER_HOST }, (_, nth) => ports[(host * 7 + nth * 31) % ports.length] ?? 0);
        await lab.open(own, { at: address });
        open.set(address, new Set(own));
      }
      await lab.alive([...open.keys()]);
      const closed = (address: string, port: number): boolean => open.get(address)?.has(port) === false;
      const network = lab.at(256).replace(/\.\d+$/, '.0/24');
      const task = { targets: [network], ports: ports.join(','), timing: 'T4' } as const;
      return use(labEnvironment(lab, task, { open, closed, probes: 256 * ports.length }));
    }),
};
