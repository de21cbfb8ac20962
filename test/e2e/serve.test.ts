import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedPort, openPort, openPorts } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { startServe } from '../helpers/running-server.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** So slow that there is always time to interfere: 6,000 ports take six seconds. */
const SLOWLY = ['--rate', '1000'];

interface JsonReport {
  readonly scan: { readonly id: string; readonly status: string };
  readonly summary: { readonly planned: number; readonly settled: Record<string, number> };
}

const settledOf = (stdout: string): number =>
  Object.values((JSON.parse(stdout) as JsonReport).summary.settled).reduce((sum, count) => sum + count, 0);

const statusOf = (stdout: string): string => (JSON.parse(stdout) as JsonReport).scan.status;

/** What two runs of one scan must have in common: everything but ids, times and what was measured. */
const timeless = (stdout: string): string =>
  stdout
    .replaceAll(/\b[0-9A-Z]{26}\b/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+Z)?/g, 'TIME')
    .replaceAll(/\d:\d\d:\d\d\.\d{6}/g, 'DURATION')
    .replaceAll(/round trip [\d.]+ ms/g, 'RTT')
    // nmap's XML quotes the command that wrote it.
    .replaceAll(/ -(?:-|&#45;)endpoint=\S+/g, '');

describe('portfleet serve', () => {
  it('carries out what the command submits to it, and the command shows the same screen as without it', async () => {
    await using listener = await openPort();
    const words = ['scan', '127.0.0.1', '-p', `${listener.port},${await closedPort()}`];
    const alone = await runCommand(words, { dataDir: tempDir() });
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const served = await runCommand([...words, '--endpoint', server.url], { dataDir });
    expect([served.code, served.stderr]).toEqual([0, '']);
    expect(timeless(served.stdout)).toBe(timeless(alone.stdout));
    expect(served.stdout).toMatch(new RegExp(`^${listener.port}/tcp `, 'm'));
  });

  it('keeps scans where the command of this machine has them, and gives them back unchanged', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const words = ['scan', '127.0.0.0/30', '-p', `1-300,${listener.port}`, '--quiet'];
    expect((await runCommand(words, there)).code).toBe(0);
    const id = (await runCommand(['list'], { dataDir })).stdout.split('\n')[1]?.split(' ')[0] ?? '';
    for (const format of ['json', 'csv', 'xml', 'greppable', 'jsonl', 'markdown', 'text']) {
      const show = ['show', id, '--format', format];
      const [here, remote] = [await runCommand(show, { dataDir }), await runCommand(show, there)];
      expect(remote.code, format).toBe(0);
      expect(timeless(remote.stdout), format).toBe(timeless(here.stdout));
    }
    expect((await runCommand(['list'], there)).stdout).toBe((await runCommand(['list'], { dataDir })).stdout);
    expect((await runCommand(['show', id.slice(0, 2)], there)).code).toBe(0);
  });

  it('lets a client leave, and goes on: --no-wait, Ctrl-C, and what "show" says afterwards', async () => {
    await using early = await openPorts();
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const words = ['scan', '127.0.0.1', '-p', `1-6000,${early.spec}`, ...SLOWLY, '-v'];
    const left = await runCommand([...words, '--no-wait'], there);
    expect([left.code, left.stdout]).toEqual([0, expect.stringMatching(/^\w{26}\n$/)]);
    const watching = startCommand(words, there);
    await watching.printed('/tcp');
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    const second = /portfleet cancel (\w{26})/.exec(stderr)?.[1] ?? '';
    expect([code, second]).toEqual([130, expect.stringMatching(/^\w{26}$/)]);
    for (const id of [left.stdout.trim(), second])
      await server.printed(`"scan-ended","scan":"${id}","status":"complete"`);
    for (const id of [left.stdout.trim(), second]) {
      const shown = await runCommand(['show', id, '--format', 'json'], there);
      expect([statusOf(shown.stdout), settledOf(shown.stdout)]).toEqual(['complete', 6_008]);
    }
  });

  it('stops a scan that is cancelled, for the one who watches it too', async () => {
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const watching = startCommand(['scan', '127.0.0.1', '-p', '1-9000', '--rate', '100'], there);
    await server.printed('worker-ready');
    const id = (await runCommand(['list'], there)).stdout.split('\n')[1]?.split(' ')[0] ?? '';
    expect((await runCommand(['cancel', id], there)).code).toBe(0);
    const { code, stdout } = await watching.ended;
    expect([code, stdout]).toEqual([1, expect.stringContaining('not yet probed')]);
    await server.printed(`"scan-ended","scan":"${id}","status":"cancelled"`);
  });

  it('goes on where it was when it is killed in mid-scan and started again', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const first = await startServe(dataDir);
    // The last alone takes five seconds at that rate, so that some are left when the server is killed.
    const sizes = [300, 300, 1_000];
    const ids: string[] = [];
    for (const size of sizes) {
      const words = ['scan', '127.0.0.1', '-p', `1-${size},${listener.port}`, '--rate', '200', '--no-wait'];
      // The third waits in line, not yet begun: it must not be forgotten either.
      ids.push((await runCommand([...words, '--endpoint', first.url], { dataDir })).stdout.trim());
    }
    await first.printed('worker-ready');
    first.child.kill('SIGKILL');
    const before = (await first.ended).stderr;
    const second = await startServe(dataDir);
    await second.printed('Going on with');
    for (const id of ids) {
      const end = `"scan-ended","scan":"${id}","status":"complete"`;
      if (!before.includes(end)) await second.printed(end);
    }
    for (const [at, id] of ids.entries()) {
      const shown = await runCommand(['show', id, '--format', 'json', '--endpoint', second.url], { dataDir });
      expect(settledOf(shown.stdout)).toBe((sizes[at] ?? 0) + 1);
      expect(shown.stdout).toContain(`"port":${listener.port}`);
    }
  });

  it('takes a scan by the name that it was given', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const words = ['scan', '127.0.0.1', '-p', `${listener.port}`, '--format', 'list'];
    expect(await runCommand([...words, '--name', 'nightly'], there)).toMatchObject({ code: 0 });
    expect(await runCommand([...words, '--name', 'other'], there)).toMatchObject({ code: 0 });
    const shown = await runCommand(['show', 'nightly', '--format', 'list'], there);
    expect([shown.code, shown.stdout]).toEqual([0, `127.0.0.1:${listener.port}\n`]);
    expect((await runCommand(['list', '--format', 'json'], there)).stdout).toContain('nightly');
    expect(await runCommand(['diff', 'nightly', 'other'], there)).toMatchObject({ code: 0 });
  });

  it('tells the difference of two scans', async () => {
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const closed = await closedPort();
    const words = ['scan', '127.0.0.1', '-p', `${closed}`, '--quiet'];
    await runCommand(words, there);
    await using listener = await openPort(() => {}, { port: closed });
    await runCommand(words, there);
    const { code, stdout } = await runCommand(['diff', '--last', '127.0.0.1'], there);
    expect([code, stdout]).toEqual([3, expect.stringContaining(`${listener.port}/tcp`)]);
  });

  it('ends on Ctrl-C, takes its token along, and leaves a scan for the next one', async () => {
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const words = ['scan', '127.0.0.1', '-p', '1-9000', '--rate', '100', '--no-wait', '--endpoint', server.url];
    const id = (await runCommand(words, { dataDir })).stdout.trim();
    await server.printed('worker-ready');
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
    expect(readdirSync(dataDir).filter((file) => file.endsWith('.token'))).toEqual([]);
    expect(statusOf((await runCommand(['show', id, '--format', 'json'], { dataDir })).stdout)).toBe('running');
  });

  it('goes on with a scan that a command of this machine left, for "portfleet resume --endpoint"', async () => {
    await using early = await openPorts();
    const dataDir = tempDir();
    const left = startCommand(['scan', '127.0.0.1', '-p', `1-5000,${early.spec}`, ...SLOWLY, '-v'], { dataDir });
    await left.printed('/tcp');
    left.child.kill('SIGTERM');
    const id = /portfleet resume (\w{26})/.exec((await left.ended).stderr)?.[1] ?? '';
    const server = await startServe(dataDir);
    const words = ['resume', id, '--format', 'json', '--endpoint', server.url];
    const { code, stdout } = await runCommand(words, { dataDir });
    expect([code, statusOf(stdout), settledOf(stdout)]).toEqual([0, 'complete', 5_000 + early.spec.split(',').length]);
    const again = await runCommand(words, { dataDir });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing to go on with')]);
  });

  it('refuses every other token, and says so', async () => {
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const env = { PORTFLEET_TOKEN: 'wrong', AWS_EC2_METADATA_DISABLED: 'true' };
    const { code, stderr } = await runCommand(['list', '--endpoint', server.url], { dataDir, env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('not the right one')]);
  });

  it('refuses to listen for other machines, and whatever else it cannot do, before it starts', async () => {
    const dataDir = tempDir();
    const words = ['serve', '--host', '0.0.0.0', '--port', '70000', '--workers', 'many'];
    const { code, stdout, stderr } = await runCommand(words, { dataDir });
    expect([code, stdout]).toEqual([2, '']);
    for (const part of ['0.0.0.0', '70000', 'many', 'ssh -L']) expect(stderr).toContain(part);
    const here = await runCommand(['scan', '127.0.0.1', '-p', '1', '--no-wait'], { dataDir });
    expect([here.code, here.stderr]).toEqual([2, expect.stringContaining('--endpoint')]);
  });
});
