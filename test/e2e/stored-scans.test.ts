import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedPort, openPort, openPorts, silentPort } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

interface ListedScan {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly changes?: number | null;
}

async function listed(dataDir: string, ...words: string[]): Promise<readonly ListedScan[]> {
  const { stdout } = await runCommand(['list', '--format', 'json', ...words], { dataDir });
  return JSON.parse(stdout) as ListedScan[];
}

describe('portfleet resume', () => {
  it('carries on all that the scan was begun with: expectations, report files, format', async () => {
    await using early = await openPorts();
    const dataDir = tempDir();
    const file = `${dataDir}/report.xml`;
    const words = ['scan', '127.0.0.1', '-p', `1-6000,${early.spec}`, '--rate', '1000', '-v'];
    const rest = ['--expect', '22', '-oX', file, '--format', 'list', '--name', 'nightly'];
    const command = startCommand([...words, ...rest], { dataDir });
    await command.printed('127.0.0.1:');
    command.child.kill('SIGTERM');
    expect((await command.ended).code).toBe(130);
    expect(readFileSync(file, 'utf8')).toContain('</nmaprun>');
    const { code, stdout, stderr } = await runCommand(['resume', 'nightly'], { dataDir });
    expect(code).toBe(3);
    for (const port of early.spec.split(',')) {
      expect(stdout).toContain(`127.0.0.1:${port}\n`);
      expect(stderr).toContain(`${port}/tcp is open`);
      expect(readFileSync(file, 'utf8')).toContain(`portid="${port}"`);
    }
    expect(readFileSync(file, 'utf8')).toContain('exit="success"');
  });
});

describe('A host whose time was up', () => {
  it('is a gap with its cause, exit code 4, and taken up again by resume', async () => {
    const [silent, closed] = [await silentPort(), await closedPort()];
    const dataDir = tempDir();
    const words = ['127.0.0.1', '-p', `${closed},${silent.port}`, '--host-timeout', '3s', '--timeout', '60'];
    const { code, stdout } = await runCommand(words, { dataDir });
    expect(code).toBe(4);
    expect(stdout).toContain(`Not probed: ${silent.port} (the time for the host was up)`);
    await silent[Symbol.asyncDispose]();
    const resumed = await runCommand(['resume', '@1'], { dataDir });
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringContaining('2 of 2 probed')]);
  });
});

describe('A stored scan', () => {
  it('is named by @1, its name, its target, and the beginning or the end of its id', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', `${listener.port}`, '--quiet', '--name', 'mine'];
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    const [{ id } = { id: '' }] = await listed(dataDir);
    for (const choice of [
      ['@1'],
      ['mine'],
      ['--last', '127.0.0.1'],
      [id],
      [id.slice(-6).toLowerCase()],
      [`…${id.slice(-8)}`],
    ]) {
      const { stdout } = await runCommand(['show', ...choice, '--format', 'list'], { dataDir });
      expect(stdout, choice.join(' ')).toBe(`127.0.0.1:${listener.port}\n`);
    }
    const missing = await runCommand(['show', '@2'], { dataDir });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('@2')]);
  });

  it('is listed by target, state and age, and with what changed since the one before', async () => {
    const dataDir = tempDir();
    const port = await closedPort();
    const words = ['scan', '127.0.0.1', '-p', `${port}`, '--quiet'];
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    await using listener = await openPort(() => {}, { port });
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    expect(listener.port).toBe(port);
    expect((await listed(dataDir, '--changes')).map(({ changes }) => changes)).toEqual([1, null]);
    expect(await listed(dataDir, '--target', '127.0.0.2')).toEqual([]);
    expect(await listed(dataDir, '--state', 'complete', '--since', '1h')).toHaveLength(2);
    expect(await listed(dataDir, '--since', '2999-01-01')).toEqual([]);
    const bad = await runCommand(['list', '--state', 'odd', '--since', 'soon', '--limit', '0'], { dataDir });
    expect([bad.code, bad.stderr.match(/^portfleet: /gm)]).toEqual([2, expect.objectContaining({ length: 3 })]);
  });

  it('goes to another machine with export and import, and away with delete and prune', async () => {
    await using listener = await openPort();
    const [dataDir, other] = [tempDir(), tempDir()];
    const words = ['scan', '127.0.0.1', '-p', `${listener.port}`, '--quiet'];
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    const file = `${dataDir}/scan.json`;
    expect((await runCommand(['export', '@1', file], { dataDir })).code).toBe(0);
    expect((await runCommand(['import', file], { dataDir: other })).code).toBe(0);
    expect((await listed(other))[0]?.id).toBe((await listed(dataDir))[0]?.id);
    expect((await runCommand(['delete', '@1'], { dataDir })).code).toBe(0);
    expect(await listed(dataDir)).toEqual([]);
    const tried = await runCommand(['prune', '--older', '0m', '--dry-run'], { dataDir: other });
    expect(tried.stdout).toContain('1 scan would be deleted.');
    expect((await runCommand(['prune', '--older', '30d'], { dataDir: other })).stdout).toBe('0 scans are deleted.\n');
    expect((await runCommand(['prune', '--older', '0m'], { dataDir: other })).stdout).toBe('1 scan is deleted.\n');
    expect(await listed(other)).toEqual([]);
  });

  it('is not deleted while it runs', async () => {
    const dataDir = tempDir();
    const command = startCommand(['scan', '127.0.0.1', '-p', '1-9000', '--rate', '100'], {
      dataDir,
      env: { PORTFLEET_LOG: '1' },
    });
    await command.printed('worker-ready');
    const refused = await runCommand(['delete', '@1'], { dataDir });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is being run')]);
    command.child.kill('SIGTERM');
    await command.ended;
    expect((await runCommand(['delete', '@1'], { dataDir })).code).toBe(0);
  });
});

describe('Looking for hosts', () => {
  it('lists those that are up with -sn, also those that refuse', async () => {
    const dataDir = tempDir();
    const refusing = await closedPort();
    const words = ['127.0.0.1-2', '-sn', `-PS${refusing}`, '--quiet'];
    expect((await runCommand([...words, '--format', 'list'], { dataDir })).stdout).toBe('127.0.0.1\n127.0.0.2\n');
    expect((await runCommand(words, { dataDir })).stdout).toContain('Host is up (conn-refused).');
    const xml = await runCommand([...words, '-oX', '-'], { dataDir });
    expect(xml.stdout.match(/<status state="up" reason="conn-refused"/g)).toHaveLength(2);
  });
});
