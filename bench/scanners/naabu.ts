import { findTool } from './find-tool.ts';
import { addPort, type Scanner, type ScannerResult } from './scanner.ts';

/** naabu with connects, so that like is compared with like. It speaks only of open ports. */
const naabu = (name: string, options: readonly string[]): Scanner => ({
  name,
  missing: () => (findTool('naabu') ? undefined : 'naabu is not on this machine'),
  command: ({ targets, ports }, scratch) => ({
    argv: [
      findTool('naabu') ?? 'naabu',
      ...['-silent', '-json', '-no-stdin', '-disable-update-check', '-Pn', '-s', 'c'],
      ...['-host', targets.join(','), '-p', ports, ...options],
    ],
    // it writes a configuration at its first start
    env: { HOME: scratch, XDG_CONFIG_HOME: scratch },
  }),
  read: readJsonLines,
});

function readJsonLines(output: string): ScannerResult {
  const open = new Map<string, Set<number>>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { ip, port } = JSON.parse(line) as { ip: string; port: number };
    addPort(open, ip, port);
  }
  return { open, filtered: undefined };
}

/** Its defaults: 1,500 a second, three passes of 1,000 ms. At its best: a rate that the descriptors still carry. */
export const NAABUS: readonly Scanner[] = [
  naabu('naabu -s c', []),
  naabu('naabu -s c -rate 8000 -retries 2', ['-rate', '8000', '-retries', '2']),
];
