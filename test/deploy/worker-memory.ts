// The cheapest worker that loses nothing: the worker's own bundle under the CPU share and the memory that Lambda gives
// with so many MB, against four kinds of targets whose truth is known.
// Run as root: unshare -n node --import ./bench/load-typescript.mjs test/deploy/worker-memory.ts [--write-docs] [MB or kind …]
// --write-docs puts the table into docs/cost.md; it wants a machine that does nothing else.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, type ScanId } from '../../shared/domain/units.ts';
import { LIST_PRICES } from '../../shared/plan/estimate-cost.ts';
import { writeParts } from '../../sim/write-parts.ts';
import { type AwsBench, startAwsBench } from '../helpers/lambda/aws-bench.ts';
import { deliver, receive } from '../helpers/lambda/event-source.ts';
import type { FunctionProcess } from '../helpers/lambda/function-process.ts';
import { makeControlGroup } from './control-group.ts';

/** What is scanned, and what is true of it. */
interface Kind {
  readonly request: Readonly<Record<string, unknown>>;
  readonly probes: number;
  readonly open: number;
  readonly closed: number;
  /** Open ports whose product is to be named. */
  readonly named: number;
}

const SIZES = [256, 384, 512, 1_024, 1_769];

/** A checkpoint of two units a second, and what was found in it (docs/cost.md). */
const WRITES_PER_SECOND = 3;

const OPEN = [2_007, 2_042, 2_099];
const addresses = (network: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${network}.${at + 1}`);

/**
 * Of 216 addresses of loopback, which are four full chunks, 64 are there, as in the simulated world, with three open ports
 * each of a hundred.
 */
const LIVE = addresses('127.0.1', 64);
const [ANSWERING] = addresses('127.0.2', 1);
const UDP = addresses('127.0.3', 4);
const SERVICES = addresses('127.0.4', 16);

const KINDS: Readonly<Record<string, Kind>> = {
  'a block, 70 % of it silent': {
    request: { targets: ['127.0.1.1-216'], ports: '2000-2099' },
    ...{ probes: 21_600, open: 64 * 3, closed: 64 * 97, named: 0 },
  },
  'one host that answers, every port': {
    request: { targets: ['127.0.2.1'], ports: '-', timing: 4, rate: 20_000 },
    // Port 25 is not probed from there.
    ...{ probes: 65_535, open: 3, closed: 65_531, named: 0 },
  },
  'UDP, four hosts that answer': {
    request: { targets: ['127.0.3.1-4'], ports: 'U:2000-2499' },
    ...{ probes: 2_000, open: 12, closed: 1_988, named: 0 },
  },
  'services, half of them with TLS': {
    request: { targets: ['127.0.4.1-16'], ports: '2000-2099', detect: 'services' },
    ...{ probes: 1_600, open: 48, closed: 1_552, named: 48 },
  },
};

const RULES = `table ip silent {
  chain input {
    type filter hook input priority 0
    ip daddr 127.0.1.65-127.0.1.216 drop
    ip daddr 127.0.2.1 tcp dport != { 2007, 2042, 2099 } reject with tcp reset
  }
}`;

/** A field of /proc/PID/status, in MB. */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes = '0'] =
    new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

/** Seconds of a CPU; the kernel counts them in hundredths. */
function cpuOf(pid: number): number {
  const [, user = '0', system = '0'] =
    /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return (Number(user) + Number(system)) / 100;
}

/** Hands every message to that function, as an event source would, until the scan is over; seconds and deaths. */
async function workOff(bench: AwsBench, id: ScanId, worker: FunctionProcess) {
  const sum = { seconds: 0, deaths: 0 };
  while ((await bench.store.readScan(id))?.status === 'running') {
    const record = await receive(bench.sqs, bench.urls.chunks);
    if (!record) continue;
    const began = performance.now();
    const { how } = await deliver(bench.sqs, bench.urls.chunks, worker, record);
    sum.seconds += (performance.now() - began) / 1_000;
    if (how.kind !== 'response') sum.deaths += 1;
  }
  return sum;
}

const namedOf = async ({ store }: AwsBench, { id, plan }: Scan): Promise<number> => {
  const numbers = Array.from({ length: plan.geometry.chunks }, (_, nth) => chunkNumber(nth));
  const findings = await Promise.all(numbers.map((chunk) => store.readFindings(id, chunk)));
  return findings.flat().filter(({ service }) => service.product === 'nginx').length;
};

/** Scans one kind with one function of that size; a row of the table. */
async function measure(bench: AwsBench, name: string, kind: Kind, mb: number): Promise<string> {
  const group = makeControlGroup(mb);
  let atStart = 0;
  const worker = await bench.start('worker', {
    groups: group.joinedBy,
    onEvent: (pid, count) => {
      group.holdToShare();
      if (count === 1) atStart = memoryOf(pid, 'VmRSS');
    },
  });
  const id = await bench.submit(kind.request);
  const { seconds, deaths } = await workOff(bench, id, worker);
  const pid = worker.pid() ?? 0;
  const [memory, cpu] = [memoryOf(pid, 'VmHWM'), cpuOf(pid)];
  await bench.aggregate(id);
  await worker.stop();
  group.remove();
  const scan = await bench.store.readScan(id);
  const settled = scan?.summary?.settled ?? {};
  const sumOf = (state: string): number =>
    Object.entries(settled).reduce((sum, [verdict, count]) => sum + (verdict.startsWith(`${state}/`) ? count : 0), 0);
  const lost = kind.open - sumOf('open') + (kind.closed - sumOf('closed'));
  const named = scan && kind.named > 0 ? `${await namedOf(bench, scan)} of ${kind.named}` : '–';
  const dollars = seconds * ((mb / 1_024) * LIST_PRICES.perGbSecond + WRITES_PER_SECOND * LIST_PRICES.perWriteUnit);
  const cells = [
    ...[name, mb.toLocaleString('en'), `${sumOf('open')} of ${kind.open}`, lost, named, deaths, seconds.toFixed(1)],
    ...[Math.round(kind.probes / seconds).toLocaleString('en'), Math.round((cpu * 1e6) / kind.probes)],
    ...[`${atStart} MB`, `${memory} MB`, `${((dollars / kind.probes) * 1e8).toFixed(2)} ¢`],
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Servers on every address that has open ports; what each kind finds there is in `KINDS`. */
function startServers(): () => void {
  const plain = [...LIVE, `${ANSWERING}`].flatMap((host) =>
    OPEN.map((port) => createServer((socket) => socket.destroy()).listen(port, host)),
  );
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-key-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...kind, '-days', '9', '-keyout', key, '-out', cert, '-subj', '/CN=bench'], {
    stdio: 'pipe',
  });
  const pair = { cert: readFileSync(cert), key: readFileSync(key) };
  rmSync(folder, { recursive: true });
  const services = SERVICES.flatMap((host, nth) =>
    OPEN.map((port) => {
      const answer: Parameters<typeof createHttp>[1] = (_, reply) => reply.setHeader('Server', 'nginx/1.27.4').end('x');
      return (nth % 2 === 0 ? createHttp({}, answer) : createHttps(pair, answer)).listen(port, host);
    }),
  );
  const echoes = UDP.flatMap((host) =>
    OPEN.map((port) => {
      const socket = createSocket('udp4', (datagram, from) => socket.send(datagram, from.port, from.address));
      return socket.bind(port, host);
    }),
  );
  return () => {
    for (const server of [...plain, ...services, ...echoes]) server.close();
  };
}

const { values, positionals: words } = parseArgs({
  options: { 'write-docs': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const sizes = words.map(Number).filter((mb) => mb > 0);
const kinds = Object.entries(KINDS).filter(([name]) => words.every((word) => Number(word) > 0 || name.includes(word)));

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('nft', ['-f', '-'], { input: RULES });
const stopServers = startServers();
const bundles = mkdtempSync(join(tmpdir(), 'portfleet-memory-'));
await buildLambdas(bundles);
const bench = await startAwsBench({ bundles, scope: '127.0.0.0/20', workers: 1 });
const HEADINGS = [
  ...['scan', 'MB', 'open found', 'verdicts lost', 'products named', 'deaths', 'seconds', 'probes/s', 'CPU µs a probe'],
  ...['memory once started', 'memory at most', 'a million probes'],
];
const rows = [HEADINGS.join(' | '), HEADINGS.map((_, at) => (at === 0 ? '---' : '---:')).join(' | ')];
const lines = rows.map((row) => `| ${row} |`);
try {
  for (const [name, kind] of kinds)
    for (const mb of sizes.length > 0 ? sizes : SIZES) lines.push(await measure(bench, name, kind, mb));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (values['write-docs']) writeParts('cost.md', { memory: lines.join('\n') });
} finally {
  await bench.stop();
  stopServers();
  rmSync(bundles, { recursive: true, force: true });
}
