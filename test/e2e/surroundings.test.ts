import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homeDirectory } from '../../cli/home.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const STACK = /^ +at /m;

/** What the words end with, run with this in their surroundings; never with a stack. */
async function endOf(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<[number, string]> {
  const { code, stderr } = await runCommand(words, { dataDir: tempDir(), env });
  expect(stderr).not.toMatch(STACK);
  return [code ?? -1, stderr];
}

const SCAN = ['scan', '127.0.0.1', '-p', '1'];

describe('A user', () => {
  it('with a blank or a relative HOME has the one that the system knows, and gets no store where the command is started', () => {
    const system = (home: string) => ({ homedir: () => home, userInfo: userInfo as never });
    for (const home of ['', 'relative']) expect(homeDirectory(system(home))).toBe(userInfo().homedir);
    expect(homeDirectory()).toBe(isAbsolute(homedir()) ? homedir() : userInfo().homedir);
  });

  it('whom the system does not know has none', () => {
    const unknown = (): never => {
      throw new Error('uv_os_homedir returned ENOENT');
    };
    expect(homeDirectory({ homedir: unknown, userInfo: unknown as never })).toBe('');
  });
});

describe('Files of a strange kind are told in a sentence:', () => {
  it('a device, a file or a FIFO as data directory', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    for (const directory of ['/dev/null', file]) {
      const [code, said] = await endOf(['list', '--data-dir', directory]);
      expect(code).toBe(1);
      expect(said).toContain(`${directory} is no directory`);
      expect(said).not.toContain('chmod');
    }
  });

  it('a list, and an import, that never end', async () => {
    const [list, import_] = await Promise.all([
      endOf(['scan', '-iL', '/dev/zero', '-p', '1']),
      endOf(['import', '/dev/zero']),
    ]);
    expect(list).toEqual([2, expect.stringContaining('it has more than 134217728 characters')]);
    expect(import_).toEqual([2, expect.stringContaining('there is no <nmaprun> in it')]);
  });

  it('watches and expectations that never end, or that are nested without end', async () => {
    const folder = tempDir();
    const [endless, deep] = [join(folder, 'endless.yaml'), join(folder, 'deep.yaml')];
    symlinkSync('/dev/zero', endless);
    writeFileSync(deep, `watches: ${'['.repeat(20_000)}`);
    const ends = await Promise.all([
      endOf(['watch', 'apply', endless]),
      endOf([...SCAN, '--expect', endless]),
      endOf(['watch', 'apply', deep]),
      endOf([...SCAN, '--expect', deep]),
    ]);
    expect(ends.map(([code]) => code)).toEqual([2, 2, 2, 2]);
    for (const [, said] of ends.slice(0, 2)) expect(said).toContain('it has more than 16777216 characters');
    for (const [, said] of ends.slice(2)) expect(said).toMatch(/nested too deeply/);
  });

  it('a directory in place of a report, of a list, of an import', async () => {
    const directory = join(tempDir(), 'a');
    mkdirSync(directory);
    const ends = await Promise.all([
      endOf([...SCAN, '-oX', directory]),
      endOf(['scan', '-iL', directory, '-p', '1']),
      endOf(['import', directory]),
    ]);
    expect(ends.map(([code]) => code)).toEqual([1, 2, 2]);
    for (const [, said] of ends) expect(said).toContain('EISDIR');
  });
});

describe('Words of other scripts', () => {
  it.each(['127.0.0.\uff11', '\u2460\u2461\u2466.0.0.1', '0x7f\uff0e1', '\u0661\u0662\u0667.0.0.1'])(
    'are no address: %s',
    async (target) => {
      const [code, said] = await endOf(['scan', target, '-p', '1', '--dry-run']);
      expect([code, said]).toEqual([2, expect.stringContaining('which no host name has')]);
    },
  );

  it('are no port, and no line break in the name of a scan', async () => {
    expect((await endOf(['scan', '127.0.0.1', '-p', '\uff12\uff12']))[0]).toBe(2);
    for (const name of ['a\u2028b', 'a\u001b]8;;http://x\u0007b', 'a\nb', '']) {
      const [code, said] = await endOf([...SCAN, '--name', name]);
      expect([code, said]).toEqual([2, expect.stringContaining('Write up to 64 characters on one line.')]);
    }
  });
});

describe('Surroundings', () => {
  it.each<Readonly<Record<string, string>>>([
    { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: ':/dev/zero' },
    { TZ: '../../etc/passwd' },
    { COLUMNS: '-1' },
    { COLUMNS: '1e9', TERM: '' },
    { XDG_DATA_HOME: '/dev/null', XDG_CONFIG_HOME: '/dev/null' },
  ])('never end a command: %o', async (env) => {
    const { code, stdout, stderr } = await runCommand(['scan', '127.0.0.1', '-p', 'SSH,HTTP'], {
      dataDir: tempDir(),
      env,
    });
    expect(stderr).not.toMatch(STACK);
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 of 2 probed')]);
  });
});
