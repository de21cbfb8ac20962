import { findTool } from './find-tool.ts';
import { addPort, portsIn, type Scanner, type ScannerResult, type ScannerTask } from './scanner.ts';

/** RustScan without nmap behind it. It reads either a range or a list, and speaks only of open ports. */
const rustscan = (name: string, options: readonly string[]): Scanner => ({
  name,
  missing: () => (findTool('rustscan') ? undefined : 'RustScan is not on this machine'),
  command: ({ targets, ports }) => ({
    argv: [
      findTool('rustscan') ?? 'rustscan',
      ...['--no-config', '--no-banner', '--greppable', '--scripts', 'none', '-a', targets.join(',')],
      ...portOptions(ports),
      ...options,
    ],
  }),
  read: readGreppable,
});

const portOptions = (ports: ScannerTask['ports']): string[] =>
  /^\d+-\d+$/.test(ports) ? ['-r', ports] : ['-p', portsIn(ports).join(',')];

/** "198.18.0.10 -> [22,80]" */
function readGreppable(output: string): ScannerResult {
  const open = new Map<string, Set<number>>();
  for (const [, address = '', ports = ''] of output.matchAll(/^(\S+) -> \[([\d, ]*)\]/gm)) {
    for (const port of portsIn(ports.replaceAll(' ', ''))) addPort(open, address, port);
  }
  return { open, filtered: undefined };
}

/** Its defaults: 3,000 to 4,500 at once, 1,500 ms, one try. At its best: all its descriptors, and tries of 500 ms. */
export const RUSTSCANS: readonly Scanner[] = [
  rustscan('RustScan', []),
  rustscan('RustScan -b 10000 -t 500 --tries 3', ['-b', '10000', '-t', '500', '--tries', '3']),
];
