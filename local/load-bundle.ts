import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';

/** What a bundle evaluates to (see scripts/build.mjs). */
type Bundle = (require: NodeJS.Require, filename: string) => unknown;

/**
 * What a bundle exports. Some 30 of the 200 ms before the first probe would be to compile the program itself. So what V8
 * made of the bundle is kept beside it when it is built (see scripts/compile-ahead.mjs), for the Node that built it. V8
 * takes it if it was made with the same flags, and compiles anew otherwise. Any other Node compiles, and keeps what it
 * compiled itself if it can (see `useCompileCache`).
 *
 * @throws what reading the file throws
 */
export function loadBundle(path: string): unknown {
  const require = createRequire(path);
  const cachedData = compiledOf(path);
  const bundle: Bundle = cachedData ? run(path, cachedData) : require(path);
  return bundle(require, path);
}

/** A bundle has no letter beyond ASCII, and a string of bytes is half of one that could hold others. */
const run = (filename: string, cachedData: Buffer): Bundle =>
  new Script(readFileSync(filename, 'latin1'), { filename, cachedData }).runInThisContext();

function compiledOf(path: string): Buffer | undefined {
  try {
    return readFileSync(`${path}.${process.version}-${process.arch}`);
  } catch {
    return undefined;
  }
}
