/**
 * Writes shared/domain/registry/port-rank-table.ts: the order in which a public survey of the Internet found ports open. Run it
 * over a newer survey: `node scripts/build-port-rank.mjs FILE`, where FILE has, for each protocol, a line such as
 * "tcp (20:0.615 100:0.783 1000:0.929)" with the share of all open ports that the first n hold, and then the ports, most
 * often open first, between white space. "#" begins a comment. Numbers alone are taken from it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (!file) throw new Error('Name the file of the survey: node scripts/build-port-rank.mjs FILE');

const order = { tcp: [], udp: [] };
const shares = { tcp: [], udp: [] };
let protocol = 'tcp';
for (const line of readFileSync(file, 'utf8').split('\n')) {
  if (line.startsWith('#')) continue;
  const [, name, counts] = /^(tcp|udp) \((.*)\)$/.exec(line) ?? [];
  if (name) {
    protocol = name;
    shares[protocol] = counts.split(' ').map((pair) => pair.split(':').map(Number));
  } else order[protocol].push(...line.split(/\s+/).filter(Boolean).map(Number));
}
for (const ports of Object.values(order)) {
  const odd = ports.filter(
    (port, at) => !Number.isInteger(port) || port < 0 || port > 65_535 || ports.indexOf(port) < at,
  );
  if (ports.length === 0 || odd.length > 0) throw new Error(`No ports, or ports that are none or stand twice: ${odd}`);
}

/** As many numbers to a line as it has room for. */
function lines(ports) {
  const rows = [''];
  for (const port of ports) {
    if (rows.at(-1).length + String(port).length > 118) rows.push('');
    rows[rows.length - 1] += `${rows.at(-1) === '' ? '' : ' '}${port}`;
  }
  return rows.join('\n');
}

const written = (name) => `[${shares[name].map(([count, share]) => `[${count}, ${share}]`).join(', ')}]`;

writeFileSync(
  fileURLToPath(new URL('../shared/domain/registry/port-rank-table.ts', import.meta.url)),
  `// Made by scripts/build-port-rank.mjs; do not edit. Facts of a public survey of the Internet, numbers alone: ports in the
// order in which they were found open, most often first, and the share of all open ports that the first n hold.

export const SURVEYED_TCP = \`
${lines(order.tcp)}
\`;

export const SURVEYED_UDP = \`
${lines(order.udp)}
\`;

/** For each protocol: so many ports, from the first on, hold so large a share of all that were open. */
export const SHARES = {
  tcp: ${written('tcp')},
  udp: ${written('udp')},
} as const;
`,
);
