// What -sV makes of real servers, beside nmap on the same ports: each is found on a port of no meaning and on its usual one.
// Run as root: node --import ./bench/load-typescript.mjs bench/services.ts [--nmap]
// It starts every server of test/services/roster.ts that is installed, in a network of its own, and writes the table into
// docs/services.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { portOf, ROSTER, type Rostered } from '../test/services/roster.ts';
import {
  isInstalled,
  type RealServer,
  type RunningServer,
  runServer,
  untilAccepts,
} from '../test/services/run-server.ts';

const INSIDE = '--inside';
const PROGRAM = fileURLToPath(new URL('../dist/portfleet.mjs', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/services.md', import.meta.url));

/** A server that listens, where it really does, and where it seems to. */
interface Target {
  readonly name: string;
  readonly entry: Rostered;
  readonly port: number;
  readonly address: string;
}

/** What a scanner says of one port. */
interface Said {
  readonly isProbed: boolean;
  readonly name: string;
  readonly product: string;
  readonly version: string;
  readonly cpe: number;
}

type Report = ReadonlyMap<string, Said>;

const keyOf = (address: string, port: number): string => `${address}:${port}`;

/** Servers that start at once: more would take each other's time. */
const AT_ONCE = 3;

async function startAll(): Promise<{ readonly targets: Target[]; stop(): Promise<void> }> {
  const entries = Object.entries(ROSTER).filter(([, { server }]) => isInstalled(server));
  const queue = [...new Set(entries.map(([, { server }]) => server))].values();
  const running = new Map<RealServer, RunningServer>();
  const work = async (): Promise<void> => {
    for (const server of queue) {
      try {
        const started = await runServer(server);
        running.set(server, started);
        for (const [, entry] of entries) if (entry.server === server) await untilAccepts(portOf(entry, started.place));
      } catch (error) {
        process.stderr.write(`${(error as Error).message.split('\n', 1)[0]}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const targets = entries.flatMap(([name, entry], index) => {
    const place = running.get(entry.server)?.place;
    return place ? [{ name, entry, port: portOf(entry, place), address: `127.0.1.${index + 1}` }] : [];
  });
  const stop = async (): Promise<void> => {
    for (const each of running.values()) await each[Symbol.asyncDispose]();
  };
  return { targets, stop };
}

/** Lets every server be reached where it is usual, at an address of its own. */
function redirect(targets: readonly Target[]): void {
  const rules = targets.map(
    ({ entry, port, address }) => `ip daddr ${address} tcp dport ${entry.usual} dnat to 127.0.0.1:${port}`,
  );
  const table = ['table ip nat {', 'chain out {', 'type nat hook output priority -100;', ...rules, '}', '}', ''];
  execFileSync('nft', ['-f', '-'], { input: table.join('\n') });
}

function portfleet(addresses: readonly string[], ports: readonly number[]): { report: Report; seconds: number } {
  const options = ['-p', ports.join(','), '-sV', '-T4', '--quiet', '--format', 'json'];
  const startedAt = performance.now();
  const { stdout } = spawnSync(process.execPath, [PROGRAM, 'scan', ...addresses, ...options], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const report = new Map<string, Said>();
  for (const host of JSON.parse(stdout).hosts) {
    for (const { port, service } of host.ports) {
      const { name, method, product = '', version = '', cpe = [] } = service;
      report.set(keyOf(host.address, port), { isProbed: method === 'probed', name, product, version, cpe: cpe.length });
    }
  }
  return { report, seconds };
}

function nmap(address: string, ports: readonly number[]): { report: Report; seconds: number } {
  const startedAt = performance.now();
  const options = ['-sV', '-sT', '-n', '-Pn', '-p', ports.join(','), '-oX', '-', address];
  const { stdout } = spawnSync('nmap', options, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - startedAt) / 1_000;
  const report = new Map<string, Said>();
  for (const [, port, inside = ''] of stdout.matchAll(/<port protocol="tcp" portid="(\d+)">(.*?)<\/port>/gs)) {
    const value = (name: string): string => new RegExp(`<service[^>]* ${name}="([^"]*)"`).exec(inside)?.[1] ?? '';
    const cpe = inside.match(/<cpe>/g)?.length ?? 0;
    const isProbed = value('method') === 'probed' && !/tcpwrapped/.test(value('name'));
    const [product, version] = [value('product'), value('version')];
    report.set(keyOf(address, Number(port)), { isProbed, name: value('name'), product, version, cpe });
  }
  return { report, seconds };
}

interface Score {
  readonly protocol: number;
  readonly product: number;
  readonly version: number;
  readonly wrong: number;
  readonly cpe: number;
}

function score(targets: readonly Target[], report: Report, where: (target: Target) => string): Score {
  const all = targets.map((target) => ({ ...target.entry, said: report.get(where(target)) }));
  const isRight = ({ said, protocol }: (typeof all)[number]): boolean =>
    said?.isProbed === true && protocol.test(said.name);
  const right = all.filter(isRight);
  return {
    protocol: right.length,
    product: right.filter(({ product, said }) => product?.test(said?.product ?? '')).length,
    version: right.filter(({ version, said }) => version?.test(said?.version ?? '')).length,
    // TLS alone is less than the truth, and not wrong.
    wrong: all.filter((each) => each.said?.isProbed && !isRight(each) && !/^(?:tls|ssl)$/.test(each.said.name)).length,
    cpe: all.filter(({ said }) => (said?.cpe ?? 0) > 0).length,
  };
}

const ROWS = {
  protocol: 'protocol right',
  product: 'product right',
  version: 'version right',
  wrong: 'wrong protocol',
  cpe: 'CPE given',
};

function table(
  targets: readonly Target[],
  columns: Readonly<Record<string, { score: Score; seconds: number }>>,
): string {
  const known = { product: 0, version: 0 };
  for (const { entry } of targets) {
    if (entry.product) known.product += 1;
    if (entry.version) known.version += 1;
  }
  const most: Readonly<Record<keyof Score, number>> = {
    protocol: targets.length,
    wrong: targets.length,
    cpe: targets.length,
    ...known,
  };
  const rows = Object.entries(ROWS).map(([key, words]) => {
    const cells = Object.values(columns).map((each) => each.score[key as keyof Score]);
    return `| ${words} (of ${most[key as keyof Score]}) | ${cells.join(' | ')} |`;
  });
  const seconds = Object.values(columns).map((each) => each.seconds.toFixed(1));
  const head = `| | ${Object.keys(columns).join(' | ')} |\n|---|${'---|'.repeat(Object.keys(columns).length)}`;
  return [head, ...rows, `| seconds | ${seconds.join(' | ')} |`].join('\n');
}

async function main(): Promise<void> {
  const { targets, stop } = await startAll();
  try {
    redirect(targets);
    const here = (target: Target): string => keyOf('127.0.0.1', target.port);
    const there = (target: Target): string => keyOf(target.address, target.entry.usual);
    const unusual = portfleet(
      ['127.0.0.1'],
      targets.map(({ port }) => port),
    );
    const usualPorts = [...new Set(targets.map(({ entry }) => entry.usual))];
    const usual = portfleet(
      targets.map(({ address }) => address),
      usualPorts,
    );
    const columns: Record<string, { score: Score; seconds: number }> = {
      'Portfleet, any port': { score: score(targets, unusual.report, here), seconds: unusual.seconds },
      'Portfleet, usual port': { score: score(targets, usual.report, there), seconds: usual.seconds },
    };
    if (process.argv.includes('--nmap')) {
      const other = nmap(
        '127.0.0.1',
        targets.map(({ port }) => port),
      );
      columns['nmap, any port'] = { score: score(targets, other.report, here), seconds: other.seconds };
    }
    const text = table(targets, columns);
    process.stdout.write(`${text}\n`);
    const page = readFileSync(PAGE, 'utf8');
    const [open, close] = ['<!-- scoreboard -->\n', '<!-- /scoreboard -->'];
    const [start, end] = [page.indexOf(open) + open.length, page.indexOf(close)];
    writeFileSync(PAGE, `${page.slice(0, start)}${text}\n${page.slice(end)}`);
  } finally {
    await stop();
  }
}

/** In a network of its own nothing else listens, and nobody is reached. Servers get ports below those that they refuse. */
function enter(): void {
  const setup = `ip link set lo up; sysctl -qw net.ipv4.ip_local_port_range="20000 32000"; exec "$@"`;
  const [node = '', ...rest] = [process.execPath, ...process.execArgv, ...process.argv.slice(1), INSIDE];
  const { status } = spawnSync('unshare', ['-n', 'sh', '-c', setup, 'sh', node, ...rest], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

if (process.argv.includes(INSIDE)) await main();
else enter();
