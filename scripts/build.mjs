import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildWeb } from './build-web.mjs';
import { SHIPPED_FOR_NODE } from './for-node.mjs';

// The command and the worker, each one file to start from; what only some commands need is split off and loaded when it
// is. libsql stays outside: it picks the native library of the platform at run time.
const bundle = (entryPoints) =>
  build({ ...SHIPPED_FOR_NODE, metafile: true, entryPoints, outdir: 'dist', external: ['libsql'] });
const built = [
  // Each by itself: parts that they shared would cut them in more files, and every start would wait for them.
  await bundle({ portfleet: 'cli/main.ts' }),
  await bundle({ worker: 'local/worker.ts' }),
  await bundle({ library: 'library/index.ts' }),
];
await chmod('dist/portfleet.mjs', 0o755);
const page = await buildWeb();

// What an older build left is taken away last: a scan that runs meanwhile may still load its own parts until then.
const written = new Set([...built.flatMap(({ metafile }) => Object.keys(metafile.outputs)), ...page]);
for (const file of await readdir('dist', { recursive: true, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  // What the package holds beside (see build-package.mjs) is its own to clear away.
  const isBeside = /^dist[/\\](cdk|lambdas|types)[/\\]/.test(path);
  if (file.isFile() && !isBeside && !written.has(path)) await rm(path);
}
