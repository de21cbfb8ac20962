import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCompileCache } from '../../../cli/compile-cache.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

describe('What Node compiled of the command is kept', () => {
  const keptIn = (env: Readonly<Record<string, string>>, home: string): string[] => {
    const kept: string[] = [];
    useCompileCache(env, home, { enableCompileCache: (directory) => kept.push(directory) });
    return kept;
  };

  it('among the caches of this user, and in no directory that others may write', () => {
    const [home, caches] = [tempDir(), tempDir()];
    const [own, elsewhere] = [join(home, '.cache/portfleet/compiled'), join(caches, 'portfleet/compiled')];
    expect(keptIn({ TMPDIR: '/tmp' }, home)).toEqual([own]);
    expect(keptIn({ XDG_CACHE_HOME: caches }, home)).toEqual([elsewhere]);
    expect(keptIn({ XDG_CACHE_HOME: 'relative' }, home)).toEqual([own]);
    for (const directory of [own, elsewhere]) expect(statSync(directory).mode & 0o077).toBe(0);
  });

  it('nowhere for a user without a home, nor by a Node that cannot', () => {
    expect(keptIn({}, '')).toEqual([]);
    expect(() => useCompileCache({}, tempDir(), {})).not.toThrow();
  });

  it('nowhere where no directory can be made: in none, in a file, in what the kernel keeps', () => {
    const home = tempDir();
    mkdirSync(join(home, '.cache'));
    writeFileSync(join(home, '.cache/portfleet'), '');
    for (const each of [home, join(home, 'none'), '/dev/null', '/proc']) expect(keptIn({}, each)).toEqual([]);
  });
});
