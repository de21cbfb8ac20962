import { execFileSync, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { closedPort, openPort, openPorts, openService, QUIET_LOOPBACK } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const WORKER = fileURLToPath(new URL('../../dist/worker.cjs', import.meta.url));

/** So slow that there is always time to interfere: 8,000 ports take eight seconds. */
const SLOWLY = ['--rate', '1000'];

interface JsonReport {
  readonly scan: { readonly id: string; readonly status: string };
  readonly summary: { readonly planned: number; readonly settled: Record<string, number>; readonly pending: number };
  readonly hosts: readonly { readonly ports: readonly unknown[] }[];
}

const jsonOf = (stdout: string): JsonReport => JSON.parse(stdout) as JsonReport;

const settledOf = ({ summary }: JsonReport): number =>
  Object.values(summary.settled).reduce((sum, count) => sum + count, 0);

/** Worker processes of a command, by the process tree of this machine. */
function workersOf(pid: number | undefined): number[] {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' });
  return children.trim().split(/\s+/).filter(Boolean).map(Number);
}

describe('portfleet scan', () => {
  it('prints each open port, the table, the counts, the coverage and the duration', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const closed = await closedPort();
    const words = ['scan', '127.0.0.1', '-p', `${listener.port},${closed}`];
    const { code, stdout, stderr } = await runCommand([...words, '-v'], { dataDir });
    expect(code).toBe(0);
    const [live] = stderr.split('\n');
    expect(live).toMatch(new RegExp(`^${listener.port}/tcp +\\S+ +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d`));
    expect(stdout.split(`${listener.port}/tcp`)).toHaveLength(2);
    expect(stdout).toContain('2 of 2 probed');
    expect(stdout).toMatch(/Scanning completed in 0:00:\d\d\.\d{6}\n$/);
  });

  it('finds every TCP port of 127.0.0.1 that listens, 65535 probed of 65535', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const { code, stdout } = await runCommand(['scan', '127.0.0.1', '--format', 'json'], { dataDir });
    expect(code).toBe(0);
    const report = jsonOf(stdout);
    expect(settledOf(report)).toBe(65_535);
    expect(stdout).toContain(`"port":${listener.port}`);
  });

  it('gives the same answer with 64 open files, and leaves nothing unprobed', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const range = `${Math.max(1, listener.port - 3_000)}-${listener.port}`;
    const words = ['scan', '127.0.0.1', '-p', range, '--format', 'json'];
    const { code, stdout } = await runCommand(words, { dataDir, openFiles: 64 });
    expect(code).toBe(0);
    const report = jsonOf(stdout);
    expect(report.scan.status).toBe('complete');
    expect(settledOf(report)).toBe(report.summary.planned);
    expect(stdout).toContain(`"port":${listener.port}`);
  });

  it('tells every error of the command line at once, with its place and its hint, and starts nothing', async () => {
    const dataDir = tempDir();
    const words = ['scan', '10.0.0.300', '-p', '22,70000,90-80', '--timeout', 'soon', '--format', 'pdf'];
    const { code, stdout, stderr } = await runCommand(words, { dataDir });
    expect([code, stdout]).toEqual([2, '']);
    for (const part of ['10.0.0.300', '70000', '90-80', 'soon', 'pdf']) expect(stderr).toContain(part);
    expect(stderr).toContain('    ^^^^^');
    expect((await runCommand(['list'], { dataDir })).stdout).toBe('');
  });

  it('reads targets from a file and from standard input, and names the line of a bad one', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const list = `${dataDir}/hosts.txt`;
    writeFileSync(list, '127.0.0.1 # this machine\n127.0.0.2\n');
    const ports = ['-p', `${listener.port}`];
    const fromFile = await runCommand(['scan', '-iL', list, ...ports], { dataDir });
    expect(fromFile.stdout).toContain('2 of 2 probed');
    const how = { dataDir, input: '127.0.0.1\n\n999.1.1.1\n' };
    const fromInput = await runCommand(['scan', '-iL', '-', ...ports], how);
    expect([fromInput.code, fromInput.stderr]).toEqual([2, expect.stringContaining('standard input:3')]);
  });

  it.skipIf(process.platform !== 'linux')('says so where the data directory cannot be made', async () => {
    const words = ['scan', '127.0.0.1', '-p', '1', '--data-dir', '/proc/portfleet'];
    const { code, stderr } = await runCommand(words, { dataDir: tempDir() });
    expect([code, stderr]).toEqual([1, expect.stringContaining('/proc/portfleet')]);
  });

  it('sends nothing on a dry run', async () => {
    const seen: unknown[] = [];
    await using listener = await openService((socket) => seen.push(socket));
    const dataDir = tempDir();
    const words = ['scan', QUIET_LOOPBACK, '-p', `${listener.port}`, '--dry-run'];
    const { code, stdout } = await runCommand(words, { dataDir });
    expect([code, seen.length]).toEqual([0, 0]);
    expect(stdout).toContain('Nothing was probed.');
  });
});

describe('workers that are started ahead of the plan', () => {
  it('hold nothing up when nothing is left of the targets', async () => {
    const words = ['scan', '127.0.0.1', '-p', '1', '--exclude', '127.0.0.1'];
    const { code, stdout, stderr } = await runCommand(words, { dataDir: tempDir() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Nothing is left of the targets.');
  });

  it('hold nothing up when the store cannot be opened', async () => {
    const dataDir = tempDir();
    writeFileSync(`${dataDir}/portfleet.db`, 'This is no database, however often it is read. '.repeat(100));
    const { code, stdout, stderr } = await runCommand(['scan', '127.0.0.1', '-p', '1'], { dataDir });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('portfleet.db');
  });

  it('end by themselves when their command is gone before it had anything for them', async () => {
    const worker = fork(WORKER, { execArgv: [] });
    worker.disconnect();
    expect(await once(worker, 'exit')).toEqual([0, null]);
  });

  it('are no more than there are chunks, whatever --workers says', async () => {
    const words = ['scan', '127.0.0.1', '-p', '1', '--workers', '8'];
    const { code, stderr } = await runCommand(words, { dataDir: tempDir(), env: { PORTFLEET_LOG: '1' } });
    expect(code).toBe(0);
    expect(stderr.match(/worker-ready/g)).toHaveLength(1);
  });
});

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const BODIES = ['portfleet-body.cjs', 'worker-body.cjs'];

/** From Node 22.10 on. */
const keepsCompiled = 'flushCompileCache' in nodeModule;

describe('what was compiled of the command and of a worker', () => {
  it.each(BODIES)('is taken by the Node that built %s', (body) => {
    // In a process without flags: those of this one are not those of the build.
    const script = `const { readFileSync } = require('node:fs');
      const [, source, compiled] = process.argv;
      const script = new (require('node:vm').Script)(readFileSync(source, 'latin1'), { cachedData: readFileSync(compiled) });
      console.log(script.cachedDataRejected);`;
    const words = [DIST + body, `${DIST}${body}.${process.version}-${process.arch}`];
    const { stdout } = spawnSync(process.execPath, ['-e', script, ...words], { env: {}, encoding: 'utf8' });
    expect(stdout).toBe('false\n');
  });

  it.skipIf(!keepsCompiled)(
    `at a scan serves the next one, where another Node built it${keepsCompiled ? '' : ' (skipped: this Node keeps nothing)'}`,
    () => {
      const folder = tempDir();
      mkdirSync(join(folder, 'dist'));
      for (const name of ['portfleet.mjs', 'worker.cjs', ...BODIES])
        copyFileSync(DIST + name, join(folder, 'dist', name));
      symlinkSync(join(DIST, '../node_modules'), join(folder, 'node_modules'));
      const run = (file: string, words: readonly string[]) =>
        spawnSync(process.execPath, [join(folder, 'dist', file), ...words], {
          env: {
            HOME: folder,
            NODE_COMPILE_CACHE: join(folder, '.cache/portfleet/compiled'),
            NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
          },
          encoding: 'utf8',
        }).stderr;
      run('portfleet.mjs', ['scan', '127.0.0.1', '-p', '1']);
      // Without a channel a worker has nothing to do, and ends.
      expect(run('worker.cjs', [])).toMatch(/cache for .*\/dist\/worker-body\.cjs was accepted/);
      expect(run('portfleet.mjs', ['--version'])).toMatch(/cache for .*\/dist\/portfleet-body\.cjs was accepted/);
    },
  );
});

it('A command that lacks a part of itself ends with a sentence', () => {
  const folder = tempDir();
  copyFileSync(`${DIST}portfleet.mjs`, join(folder, 'portfleet.mjs'));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'portfleet.mjs'), '--help'], {
    env: { HOME: folder },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^portfleet: The command cannot be loaded: .*portfleet-body\.cjs.*\n {2}Install it again\.\n$/,
    ),
  ]);
});

describe('a scan that is disturbed', () => {
  it('loses nothing when a worker is killed in mid-scan', async () => {
    await using first = await openPort();
    await using last = await openPort();
    const dataDir = tempDir();
    const range = `1-6000,${first.port},${last.port}`;
    const words = ['scan', '127.0.0.1', '-p', range, '--format', 'json', ...SLOWLY];
    const command = startCommand(words, { dataDir, env: { PORTFLEET_LOG: '1' } });
    await command.printed('worker-ready');
    for (const pid of workersOf(command.child.pid)) process.kill(pid, 'SIGKILL');
    const { code, stdout, stderr } = await command.ended;
    expect(stderr).toContain('worker-died');
    expect(code).toBe(0);
    const report = jsonOf(stdout);
    expect(settledOf(report)).toBe(report.summary.planned);
    for (const { port } of [first, last]) expect(stdout).toContain(`"port":${port}`);
  });

  it('stops at Ctrl-C with what was found, and goes on with resume where it stopped', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    await using early = await openPorts();
    const words = ['scan', '127.0.0.1', '-p', `1-8000,${listener.port},${early.spec}`, ...SLOWLY, '-v'];
    const command = startCommand(words, { dataDir });
    await command.printed('/tcp');
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/\/tcp +open/);
    expect(stdout).toContain('not yet probed');
    const id = /portfleet resume (\w{26})/.exec(stderr)?.[1] ?? '';
    const shown = await runCommand(['show', id, '--format', 'json'], { dataDir });
    const resumed = await runCommand(['resume', id.slice(0, 24), '--format', 'json'], { dataDir });
    expect(resumed.code).toBe(0);
    expect(jsonOf(resumed.stdout).scan.status).toBe('complete');
    expect(settledOf(jsonOf(resumed.stdout))).toBe(8_009);
    expect(resumed.stdout).toContain(`"port":${listener.port}`);
    // What was found before keeps its time and its round trip: it was not probed anew.
    const [found, all] = [shown, resumed].map((each) => jsonOf(each.stdout).hosts.flatMap(({ ports }) => ports));
    expect(found?.length).toBeGreaterThan(0);
    expect(all).toEqual(expect.arrayContaining(found ?? []));
  });
});
