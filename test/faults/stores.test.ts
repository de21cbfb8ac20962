import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { describe, expect, it } from 'vitest';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const SLOWLY = ['scan', '127.0.0.1', '-p', '1-8000', '--rate', '1000', '--quiet', '-v'];

describe('A data directory', () => {
  it('that is deleted in mid-scan ends the scan with a sentence, and not as complete', async () => {
    const dataDir = join(tempDir(), 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    const command = startCommand(SLOWLY, { dataDir, env: { PORTFLEET_LOG: '1' } });
    await command.printed('worker-ready');
    rmSync(dataDir, { recursive: true });
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/portfleet: The store .* (is gone|cannot be used)/);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('with the database of another program is refused, with no table of ours in it', async () => {
    const dataDir = tempDir();
    const path = join(dataDir, 'portfleet.db');
    const foreign = new Sqlite(path);
    foreign.exec('CREATE TABLE scans (id TEXT, page BLOB)');
    foreign.close();
    const { code, stderr } = await runCommand(['list'], { dataDir });
    expect([code, stderr]).toEqual([1, expect.stringContaining('is a database of another program')]);
    const again = new Sqlite(path);
    expect(again.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()).toHaveLength(1);
    again.close();
  });

  it('with one scan that cannot be read lists the others, and names that one', async () => {
    const dataDir = tempDir();
    for (const port of ['1', '2']) await runCommand(['scan', '127.0.0.1', '-p', port, '--quiet'], { dataDir });
    const db = new Sqlite(join(dataDir, 'portfleet.db'));
    const [oldest] = db.prepare('SELECT id FROM scans ORDER BY id').all() as { id: string }[];
    db.prepare('UPDATE scans SET plan = ? WHERE id = ?').run(['no JSON', oldest?.id ?? '']);
    db.close();
    const { code, stdout, stderr } = await runCommand(['list'], { dataDir });
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
    expect(stderr).toContain(`Of scan ${oldest?.id}, the plan cannot be read`);
    const shown = await runCommand(['show', oldest?.id ?? ''], { dataDir });
    expect([shown.code, shown.stderr.split('\n')[0]]).toEqual([
      1,
      `portfleet: Of scan ${oldest?.id}, the plan cannot be read: what is stored is no JSON.`,
    ]);
  });
});
