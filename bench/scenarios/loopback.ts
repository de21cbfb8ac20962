import { HIGHEST_PORT } from '../../shared/domain/units.ts';
import type { Scenario } from '../environment.ts';
import { compiled } from '../lab/compile.ts';
import { startLineProcess } from '../lab/line-process.ts';
import { runCommand } from '../lab/run-command.ts';
import { spread } from './lab-environment.ts';

const ADDRESS = '127.0.0.1';
/** Half of them among the ephemeral ports, where a socket can connect to itself. */
const OPEN = [...spread(10, 1000, 9000), ...spread(10, 33_000, 60_000)];

/**
 * Every port answers at once, so only the cost of probing is measured. In a network namespace of its own, where nothing
 * listens but what the scenario put there.
 */
export const loopback: Scenario = {
  name: 'loopback',
  title: `every port of ${ADDRESS}, ${OPEN.length} open, the rest closed, -T4`,
  bound: "the cost of a connect in the kernel: the kernel baseline's row",
  async withEnvironment(_seed, use) {
    const program = await compiled(new URL('../lab/listener.c', import.meta.url));
    const listener = startLineProcess('unshare', ['-n', program]);
    const prefix = ['nsenter', '-t', String(listener.pid), '-n'];
    try {
      // The first answer proves that the listener runs, and so that the namespace is its own.
      for (const port of OPEN) {
        const said = await listener.ask(`tcp :: ${port} ${port} close`);
        if (said !== 'ready') throw new Error(`the bench cannot listen on port ${port}: ${said}`);
      }
      await runCommand('nsenter', [...prefix.slice(1), 'ip', 'link', 'set', 'lo', 'up']);
      const there = new Set(OPEN);
      return await use({
        task: { targets: [ADDRESS], ports: `1-${HIGHEST_PORT}`, timing: 'T4', wire: undefined },
        truth: { open: new Map([[ADDRESS, there]]), closed: (_, port) => !there.has(port), probes: HIGHEST_PORT },
        prefix,
        packets: null,
      });
    } finally {
      await listener.end();
    }
  },
};
