import { mkdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join, posix } from 'node:path';

/** What Node has of it from 22.1 on; before, nothing. */
interface CompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
}

/**
 * Node keeps what it has compiled of this program for its next start, in a directory of this user alone: in one that all
 * users share, what another has put there would be run. A directory that cannot be written, or a full disk, only means
 * that it compiles again. The user's own NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE are Node's to heed.
 */
export function useCompileCache(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  { enableCompileCache }: CompileCache = nodeModule as CompileCache,
): void {
  const xdg = env['XDG_CACHE_HOME'];
  const caches = xdg && posix.isAbsolute(xdg) ? xdg : home && join(home, '.cache');
  if (!enableCompileCache || !caches) return;
  const [own, compiled] = [join(caches, 'portfleet'), join(caches, 'portfleet', 'compiled')];
  if ([caches, own, compiled].every(isMade)) enableCompileCache(compiled);
}

/** One level at a time: Node's own way to make all of them never ends below a /proc that is somebody's home. */
function isMade(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
}
