import { cpus } from 'node:os';
import { onPath } from '../lab/lab-missing.ts';
import { addPort, type Scanner, type ScannerResult } from './scanner.ts';

/**
 * Connects under way in each process. Over a wire as many as two processes may have among 28,232 ephemeral ports, so
 * that waiting is no bound; on loopback, where nothing waits, as few as stay in the caches of the processor.
 */
const SOCKETS = { wire: 8_000, loopback: 64 };

/** The template's timeout before anything is known of the target, as nmap has it, and the two attempts that silence needs. */
const TIMEOUT_MS = { T3: 1000, T4: 500, T5: 250 } as const;
const ATTEMPTS = 2;

/** The bare loop of system calls, in as many processes as there are cores: what bounds a connect scan here. */
export const kernelBaseline = (program: string): Scanner => ({
  name: 'kernel baseline (bare connects in C)',
  missing: () => (onPath('gcc') ? undefined : 'the kernel baseline needs gcc'),
  command: ({ targets, ports, timing, wire }) => ({
    argv: [
      program,
      ...[
        String(cpus().length),
        String(wire ? SOCKETS.wire : SOCKETS.loopback),
        String(TIMEOUT_MS[timing]),
        String(ATTEMPTS),
        ports,
      ],
      ...targets.flatMap(addressesIn),
    ],
  }),
  read: readLines,
});

/** A block that begins at a multiple of 256 as its addresses; a literal address as itself. */
function addressesIn(target: string): string[] {
  const [network = '', bits] = target.split('/');
  if (bits === undefined) return [target];
  const [one, two, three] = network.split('.');
  const addressAt = (nth: number): string => `${one}.${two}.${Number(three) + (nth >> 8)}.${nth & 255}`;
  return Array.from({ length: 2 ** (32 - Number(bits)) }, (_, nth) => addressAt(nth));
}

function readLines(output: string): ScannerResult {
  const open = new Map<string, Set<number>>();
  const filtered = new Map<string, Set<number>>();
  for (const line of output.split('\n')) {
    const [state, address = '', port] = line.split(' ');
    if (state === 'open') addPort(open, address, Number(port));
    if (state === 'filtered') addPort(filtered, address, Number(port));
  }
  return { open, filtered };
}
