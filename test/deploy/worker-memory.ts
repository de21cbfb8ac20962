// The cheapest worker that loses nothing: the worker's own bundle under the CPU share and the memory that Lambda gives
// with so many MB, against a block of which most addresses are silent.
// Run as root: unshare -n node --import ./bench/load-typescript.mjs test/deploy/worker-memory.ts [MB …]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import { MB_PER_CPU } from '../../sim/aws-figures.ts';
import { type AwsBench, startAwsBench } from '../helpers/lambda/aws-bench.ts';
import { deliver, receive } from '../helpers/lambda/event-source.ts';

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [256, 384, 512, 1_024, 1_769];

/** Of 54 addresses of loopback 16 are there, as in the simulated world, with three open ports each of a hundred. */
const BLOCK = { targets: ['127.0.1.1-54'], ports: '2000-2099' };
const LIVE = Array.from({ length: 16 }, (_, at) => `127.0.1.${at + 1}`);
const OPEN = [2_007, 2_042, 2_099];
const [ADDRESSES, PORTS] = [54, 100];

const RULES = `table ip silent {
  chain input {
    type filter hook input priority 0
    ip daddr 127.0.1.17-127.0.1.54 drop
  }
}`;

const GROUPS = '/sys/fs/cgroup';
const isUnified = existsSync(join(GROUPS, 'cgroup.controllers'));

/** Lambda's scheduler gives a function its share of a CPU in turns of some 20 ms. */
const PERIOD = 20_000;

/** A control group that has the share of a CPU and the memory that so many MB buy. */
function makeGroup(mb: number) {
  const name = `portfleet-bench-${process.pid}-${mb}`;
  const folders = isUnified ? [join(GROUPS, name)] : ['cpu', 'memory'].map((kind) => join(GROUPS, kind, name));
  for (const folder of folders) mkdirSync(folder);
  const [cpu = '', memory = cpu] = folders;
  const [quota, bytes] = [Math.round((mb / MB_PER_CPU) * PERIOD), mb * 2 ** 20];
  if (isUnified) {
    writeFileSync(join(cpu, 'cpu.max'), `${quota} ${PERIOD}`);
    writeFileSync(join(memory, 'memory.max'), `${bytes}`);
  } else {
    writeFileSync(join(cpu, 'cpu.cfs_period_us'), `${PERIOD}`);
    writeFileSync(join(cpu, 'cpu.cfs_quota_us'), `${quota}`);
    writeFileSync(join(memory, 'memory.limit_in_bytes'), `${bytes}`);
  }
  return {
    add: (pid: number) => {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), `${pid}`);
    },
    remove: () => {
      for (const folder of folders) rmdirSync(folder);
    },
  };
}

/** The most memory that the process has had, in MB. */
function mostMemory(pid: number): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

/** Scans the block with one function of that size; a row of the table. */
async function measure(bench: AwsBench, mb: number): Promise<string> {
  const group = makeGroup(mb);
  const id = await bench.submit(BLOCK);
  const worker = await bench.start('worker');
  let [millis, deliveries, memory, pid] = [0, 0, 0, 0];
  while ((await bench.store.readScan(id))?.status === 'running') {
    const record = await receive(bench.sqs, bench.urls.chunks);
    if (!record) continue;
    const began = performance.now();
    const delivering = deliver(bench.sqs, bench.urls.chunks, worker, record);
    const now = worker.pid() ?? 0;
    if (now !== pid) group.add(now);
    pid = now;
    await delivering;
    millis += performance.now() - began;
    deliveries += 1;
    memory = Math.max(memory, mostMemory(pid));
  }
  await bench.aggregate(id);
  await worker.stop();
  group.remove();
  const settled = (await bench.store.readScan(id))?.summary?.settled ?? {};
  const probes = ADDRESSES * PORTS;
  const [open, closed] = [settled['open/syn-ack'] ?? 0, settled['closed/conn-refused'] ?? 0];
  const wanted = LIVE.length * OPEN.length;
  const seconds = millis / 1_000;
  return `| ${[
    mb,
    `${open} of ${wanted}`,
    `${LIVE.length * PORTS - wanted - closed}`,
    seconds.toFixed(1),
    Math.round(probes / seconds),
    `${memory} MB`,
    deliveries,
    ((seconds * mb) / 1_024).toFixed(2),
  ].join(' | ')} |`;
}

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('nft', ['-f', '-'], { input: RULES });
const servers = LIVE.flatMap((host) =>
  OPEN.map((port) => createServer((socket) => socket.destroy()).listen(port, host)),
);
const bundles = mkdtempSync(join(tmpdir(), 'portfleet-memory-'));
await buildLambdas(bundles);
const bench = await startAwsBench({ bundles, scope: '127.0.1.0/24', workers: 1 });
try {
  process.stdout.write(
    '| MB | open found | closed taken for silent | seconds | probes/s | memory at most | deliveries | GB-seconds |\n',
  );
  process.stdout.write('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n');
  for (const mb of SIZES) process.stdout.write(`${await measure(bench, mb)}\n`);
} finally {
  await bench.stop();
  for (const server of servers) server.close();
  rmSync(bundles, { recursive: true, force: true });
}
