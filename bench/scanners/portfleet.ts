import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readNmapXml } from './nmap.ts';
import type { Scanner } from './scanner.ts';

/** Another build than the one here, to compare two. */
const PROGRAM = process.env['BENCH_PORTFLEET'] ?? fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));

/** This project, as its users run it. Its XML is nmap's, so that one reader judges both. */
export const portfleet: Scanner = variant('portfleet', []);

/** The same, where it is worth while: of a network, silent addresses get a dozen probes each and no more. */
export const portfleetDiscovering: Scanner = {
  ...variant('portfleet --discover', ['--discover']),
  unfit: ({ targets }) => (targets.some((target) => target.includes('/')) ? undefined : 'there is no host to look for'),
};

function variant(name: string, options: readonly string[]): Scanner {
  return {
    name,
    missing: () => (existsSync(PROGRAM) ? undefined : 'portfleet is not built: npm run prepare'),
    command: ({ targets, ports, timing }, scratch) => ({
      argv: [
        process.execPath,
        PROGRAM,
        'scan',
        ...targets,
        ...['-p', ports, `-${timing}`, ...options, '--format', 'xml', '--quiet', '--data-dir', scratch],
      ],
    }),
    read: readNmapXml,
  };
}
