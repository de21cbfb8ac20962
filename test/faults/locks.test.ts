import { join } from 'node:path';
import Sqlite from 'libsql';
import { describe, expect, it } from 'vitest';
import { openPort } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { ROUNDS, randomOf } from './rounds.ts';

const random = randomOf('locks');

/** Longer than SQLite waits for another writer (5 s). */
const TOO_LONG = 6_500;

/** Another program that holds the store's write lock for so long: a backup, an editor of databases. */
async function holdLock(path: string, length: number): Promise<void> {
  const other = new Sqlite(path, { timeout: 5_000 });
  other.exec('BEGIN IMMEDIATE');
  await new Promise((resolve) => setTimeout(resolve, length));
  other.exec('ROLLBACK');
  other.close();
}

describe('A store whose write lock another program holds', () => {
  it('for seconds makes a scan wait, and nothing is lost', async () => {
    await using open = await openPort();
    const dataDir = tempDir();
    await runCommand(['list'], { dataDir });
    for (let round = 0; round < Math.ceil(ROUNDS / 5); round++) {
      const command = startCommand(
        ['scan', '127.0.0.1', '-p', `1-1000,${open.port}`, '--rate', '2000', '--quiet', '--format', 'json', '-v'],
        { dataDir, env: { PORTFLEET_LOG: '1' } },
      );
      await command.printed('worker-ready');
      await holdLock(join(dataDir, 'portfleet.db'), 500 + random() * 2_000);
      const { code, stdout } = await command.ended;
      expect([code, stdout.includes(`"port":${open.port}`)]).toEqual([0, true]);
    }
  });

  it('for longer than anyone waits ends the command with a sentence, and the scan can be resumed', async () => {
    await using open = await openPort();
    const dataDir = tempDir();
    await runCommand(['list'], { dataDir });
    const command = startCommand(['scan', '127.0.0.1', '-p', `1-1000,${open.port}`, '--rate', '500', '--quiet', '-v'], {
      dataDir,
      env: { PORTFLEET_LOG: '1' },
    });
    await command.printed('worker-ready');
    const [{ code, stderr }] = await Promise.all([command.ended, holdLock(join(dataDir, 'portfleet.db'), TOO_LONG)]);
    if (code !== 0) {
      expect([code, stderr]).toEqual([1, expect.stringContaining('another process has kept it locked for too long')]);
      expect(stderr).not.toMatch(/^ +at |should not happen/m);
      await runCommand(['resume', '@1'], { dataDir });
    }
    const shown = await runCommand(['show', '@1', '--format', 'json'], { dataDir });
    const { scan, summary } = JSON.parse(shown.stdout) as { scan: { status: string }; summary: { pending: number } };
    expect([scan.status, summary.pending]).toEqual(['complete', 0]);
    expect(shown.stdout).toContain(`"port":${open.port}`);
  });

  it('lets everyone read meanwhile', async () => {
    const dataDir = tempDir();
    await runCommand(['scan', '127.0.0.1', '-p', '1', '--quiet'], { dataDir });
    const holding = holdLock(join(dataDir, 'portfleet.db'), 3_000);
    const listed = await runCommand(['list'], { dataDir });
    expect([listed.code, listed.stdout.trim().split('\n').length]).toEqual([0, 2]);
    await holding;
  });
});
