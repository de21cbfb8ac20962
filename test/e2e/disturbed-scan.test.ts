import { describe, expect, it } from 'vitest';
import { openPort, openPorts } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

async function newestScan(dataDir: string): Promise<string> {
  const { stdout } = await runCommand(['list'], { dataDir });
  return stdout.split('\n')[1]?.split(' ')[0] ?? '';
}

describe('a scan that is disturbed from outside', () => {
  it('goes on with resume when the whole command was killed', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    await using early = await openPorts();
    const words = ['scan', '127.0.0.1', '-p', `1-6000,${listener.port},${early.spec}`, '--rate', '1000', '-v'];
    const command = startCommand(words, { dataDir });
    await command.printed('/tcp');
    command.child.kill('SIGKILL');
    await command.ended;
    const id = await newestScan(dataDir);
    const { code, stdout } = await runCommand(['resume', id, '--format', 'json'], { dataDir });
    expect(code).toBe(0);
    const { summary } = JSON.parse(stdout) as { summary: { settled: Record<string, number> } };
    expect(Object.values(summary.settled).reduce((sum, count) => sum + count, 0)).toBe(6_009);
    expect(stdout).toContain(`"port":${listener.port}`);
  });

  it('stops when it is cancelled from elsewhere, and is then over', async () => {
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', '1-9000', '--rate', '100'];
    const command = startCommand(words, { dataDir, env: { PORTFLEET_LOG: '1' } });
    await command.printed('worker-ready');
    const id = await newestScan(dataDir);
    expect((await runCommand(['cancel', id], { dataDir })).code).toBe(0);
    const { code, stdout } = await command.ended;
    expect([code, stdout]).toEqual([1, expect.stringContaining('not yet probed')]);
    expect((await runCommand(['cancel', id], { dataDir })).stderr).toContain('it is cancelled');
    expect((await runCommand(['resume', id], { dataDir })).code).toBe(2);
  });

  it('is not run by two processes at once', async () => {
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', '1-9000', '--rate', '100'];
    const command = startCommand(words, { dataDir, env: { PORTFLEET_LOG: '1' } });
    await command.printed('worker-ready');
    const id = await newestScan(dataDir);
    const second = await runCommand(['resume', id], { dataDir });
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining(`process ${command.child.pid}`)]);
    // The first goes on, until it is told to stop.
    expect(command.child.exitCode).toBeNull();
    command.child.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130, stdout: expect.stringContaining('not yet probed') });
  });
});
