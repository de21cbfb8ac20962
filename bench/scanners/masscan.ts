import { findTool } from './find-tool.ts';
import { addPort, portsIn, type Scanner, type ScannerResult, type ScannerTask } from './scanner.ts';

/**
 * When masscan 1.3.2 is done waiting, it waits for one more packet, for ever if the host is silent. So something must
 * come by: a datagram over the wire every second, until it has ended.
 */
const RING = `
address=$1; shift
"$@" & scanner=$!
while kill -0 $scanner 2>/dev/null; do sleep 1 & wait -n; echo . >/dev/udp/$address/9; done
wait $scanner`;

/** masscan makes its own packets: no connects, no kernel, no state. It speaks only of open ports. */
const masscan = (name: string, options: (task: ScannerTask) => readonly string[]): Scanner => ({
  name,
  missing: () => (findTool('masscan') ? undefined : 'masscan is not on this machine'),
  unfit: ({ wire }) => (wire ? undefined : 'masscan cannot scan loopback'),
  command: (task) => ({
    argv: [
      'bash',
      ...['-c', RING, 'masscan', `${task.targets[0]?.replace(/\/.*/, '')}`, findTool('masscan') ?? 'masscan'],
      ...['-e', task.wire?.device ?? 'lo', '--adapter-ip', task.wire?.address ?? '127.0.0.1'],
      ...['-oL', '-', '-p', task.ports, ...options(task), ...task.targets],
    ],
  }),
  read: readList,
});

/** "open tcp 22 198.18.0.10 1700000000" */
function readList(output: string): ScannerResult {
  const open = new Map<string, Set<number>>();
  for (const [, port, address = ''] of output.matchAll(/^open tcp (\d+) (\S+)/gm)) addPort(open, address, Number(port));
  return { open, filtered: undefined };
}

/**
 * Its defaults: 100 packets a second, one attempt, 10 s of waiting at the end. At its best here: the rate of T4, and no
 * longer wait than answers need. It misses what is answered in its first fraction of a second, as if its receiver came
 * up late, so a short scan must be a slow one. Without --retries: those go out at the full rate for as many seconds,
 * whatever is left to probe (42 SYNs a port, of 1,000 ports at 20,000 a second).
 */
export const MASSCANS: readonly Scanner[] = [
  masscan('masscan', () => []),
  masscan('masscan --rate 20000 or 1000 --wait 2', ({ ports }) => {
    const rate = portsIn(ports).length > MANY_PORTS ? 20_000 : 1000;
    return ['--rate', String(rate), '--wait', '2'];
  }),
];

const MANY_PORTS = 10_000;
