// What -sV costs: twenty open ports of a far host, scanned with and without it, in turns.
// Run as root: node --import ./bench/load-typescript.mjs bench/services-cost.ts [rtt in ms] [rounds]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLab } from './lab/lab.ts';
import { labMissing } from './lab/lab-missing.ts';
import { startLineProcess } from './lab/line-process.ts';
import { runCommand } from './lab/run-command.ts';

const [, , rtt = '50', rounds = '5'] = process.argv;
const HERE = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PROGRAM = HERE('../dist/portfleet.mjs');

interface Run {
  readonly seconds: number;
  /** Ports whose service was matched by what it said. */
  readonly probed: number;
}

async function scan(address: string, ports: string, more: readonly string[], dir: string): Promise<Run> {
  const options = ['scan', address, '-p', ports, '-T4', '--quiet', '--format', 'json', '--data-dir', dir, ...more];
  const startedAt = performance.now();
  const report = JSON.parse(await runCommand(process.execPath, [PROGRAM, ...options]));
  const seconds = (performance.now() - startedAt) / 1_000;
  const found = report.hosts[0].ports as { readonly service: { readonly method: string } }[];
  return { seconds, probed: found.filter(({ service }) => service.method === 'probed').length };
}

/** Ports that are usual for nothing, and that take every connection in silence: the dearest there are. */
const MUTE = Array.from({ length: 20 }, (_, index) => 40_000 + index);

async function compare(name: string, address: string, ports: string, dir: string): Promise<void> {
  const runs = { without: [] as Run[], with: [] as Run[] };
  for (let round = 0; round < Number(rounds); round++) {
    runs.without.push(await scan(address, ports, [], dir));
    runs.with.push(await scan(address, ports, ['-sV'], dir));
  }
  process.stdout.write(`${name}\n`);
  for (const [how, each] of Object.entries(runs)) {
    const seconds = each.map((run) => run.seconds);
    const spread = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`;
    const probed = each.map((run) => run.probed).join(' ');
    process.stdout.write(`  ${how.padEnd(8)} ${median(seconds).toFixed(2)} s (${spread}), matched: ${probed}\n`);
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const missing = labMissing();
if (missing) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), 'portfleet-bench-'));
const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '90', '-subj', '/CN=far.example'];
execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'pipe' });
try {
  await withLab({ rtt: Number(rtt) }, async (lab) => {
    const [command = '', ...enter] = lab.enter;
    const script = ['--import', HERE('load-typescript.mjs'), HERE('lab/far-services.ts'), cert, key];
    const far = startLineProcess(command, [...enter, process.execPath, ...script]);
    const open = await far.line();
    await lab.mute(MUTE);
    // Closed ports around the open ones, as on a real host.
    await compare('twenty usual services', lab.address, `1-1000,${open}`, dir);
    await compare('twenty that never say a word', lab.address, `1-1000,${MUTE.join(',')}`, dir);
    await far.end();
  });
} finally {
  rmSync(dir, { recursive: true, force: true });
}
