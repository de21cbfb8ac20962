import { describe, expect, it } from 'vitest';
import { useCompileCache } from '../../../cli/compile-cache.ts';

describe('What Node compiled of the command is kept', () => {
  const keptIn = (env: Readonly<Record<string, string>>, home: string): string[] => {
    const kept: string[] = [];
    useCompileCache(env, home, { enableCompileCache: (directory) => kept.push(directory) });
    return kept;
  };

  it('among the caches of this user, and in no directory that others may write', () => {
    expect(keptIn({ TMPDIR: '/tmp' }, '/home/ann')).toEqual(['/home/ann/.cache/portfleet/compiled']);
    expect(keptIn({ XDG_CACHE_HOME: '/var/ann' }, '/home/ann')).toEqual(['/var/ann/portfleet/compiled']);
    expect(keptIn({ XDG_CACHE_HOME: 'relative' }, '/home/ann')).toEqual(['/home/ann/.cache/portfleet/compiled']);
  });

  it('nowhere for a user without a home, nor by a Node that cannot', () => {
    expect(keptIn({}, '')).toEqual([]);
    expect(() => useCompileCache({}, '/home/ann', {})).not.toThrow();
  });
});
