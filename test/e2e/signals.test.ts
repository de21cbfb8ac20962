import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openPorts } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** So slow that there is always time to interfere. */
const SLOWLY = ['--rate', '1000', '-v'];

describe('A scan that is told to end', () => {
  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'by %s, twice: report and file are whole, and it is resumable',
    async (signal) => {
      await using early = await openPorts();
      const dataDir = tempDir();
      const file = `${dataDir}/report.xml`;
      const words = ['scan', '127.0.0.1', '-p', `1-8000,${early.spec}`, '-oX', file, ...SLOWLY];
      const command = startCommand(words, { dataDir });
      await command.printed('/tcp');
      command.child.kill(signal);
      command.child.kill(signal);
      const { code, stdout, stderr } = await command.ended;
      expect([code, stdout]).toEqual([130, expect.stringMatching(/Scanning goes on, so far .*\n$/)]);
      expect(readFileSync(file, 'utf8')).toMatch(/<\/nmaprun>\n$/);
      expect((await runCommand(['list'], { dataDir })).stdout).toContain('interrupted, ');
      const id = /portfleet resume (\w{26})/.exec(stderr)?.[1] ?? '';
      const resumed = await runCommand(['resume', id, '--format', 'jsonl'], { dataDir });
      expect(resumed.code).toBe(0);
      for (const port of early.spec.split(',')) expect(resumed.stdout).toContain(`"port":${port},`);
    },
  );
});

describe('A scan that is signalled for its progress', () => {
  it('says so at SIGUSR1, and opens no debugger', async () => {
    await using early = await openPorts();
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', `1-8000,${early.spec}`, ...SLOWLY];
    const command = startCommand(words, { dataDir });
    await command.printed('/tcp');
    command.child.kill('SIGUSR1');
    await command.printed(' %  ');
    command.child.kill('SIGTERM');
    const { stderr } = await command.ended;
    expect(stderr).not.toContain('Debugger');
  });

  it('says so by itself with --stats-every', async () => {
    const command = startCommand(['scan', '127.0.0.1', '-p', '1-4000', '--stats-every', '100ms', ...SLOWLY], {
      dataDir: tempDir(),
    });
    await command.printed('/4,000');
    command.child.kill('SIGTERM');
    expect((await command.ended).code).toBe(130);
  });
});
