import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildWeb } from './build-web.mjs';
import { compileAhead } from './compile-ahead.mjs';
import { SHIPPED_FOR_NODE, SHIPPED_IN_PARTS } from './for-node.mjs';

// libsql stays outside: it picks the native library of the platform at run time.
const ALL = { metafile: true, outdir: 'dist', external: ['libsql'] };

const MODULE = { ...SHIPPED_FOR_NODE, ...ALL };
const CJS = { ...MODULE, format: 'cjs', outExtension: { '.js': '.cjs' }, define: { 'import.meta.url': '__url' } };

/** Begins a CommonJS bundle, which has no `import.meta`. */
const OWN_ADDRESS = "const __url=require('node:url').pathToFileURL(__filename).href;";

/**
 * All of the command, or of the worker, that need not come first: one file, an expression that is a function of `require`
 * and the file's name, and gives what the entry point exports. So Node can require it, and `loadBundle` run it with what
 * was compiled before. What only some commands need is evaluated when it is needed; compiled before, it costs no more.
 */
async function body(entryPoints) {
  const built = await build({
    ...CJS,
    entryPoints,
    write: false,
    supported: { 'dynamic-import': false },
    banner: {
      js: `(typeof module=="object"?module:{}).exports=(function(require,__filename){var module={exports:{}},exports=module.exports;${OWN_ADDRESS}`,
    },
    footer: { js: 'return module.exports})' },
  });
  for (const { path, text } of built.outputFiles) {
    // esbuild escapes no letter of a regular expression; `loadBundle` reads bytes.
    const beyond = /.{0,40}[^\0-\x7f].{0,20}/.exec(text);
    if (beyond) throw new Error(`${path} has a letter beyond ASCII, write it as \\u and four digits: ${beyond[0]}`);
    // Whole at any moment: commands may be started meanwhile.
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  }
  return built;
}

// Before the bundles change: what was compiled of another one is not for these.
for (const name of await readdir('dist').catch(() => [])) if (/-body\.cjs\.v/.test(name)) await rm(join('dist', name));
const built = [
  // The command and the worker: of each a small file for what comes first, and the rest.
  await build({ ...MODULE, entryPoints: { portfleet: 'cli/main.ts' } }),
  await body({ 'portfleet-body': 'cli/run-command.ts' }),
  await build({ ...CJS, banner: { js: OWN_ADDRESS }, entryPoints: { worker: 'local/start-worker.ts' } }),
  await body({ 'worker-body': 'local/worker.ts' }),
  await build({ ...SHIPPED_IN_PARTS, ...ALL, entryPoints: { library: 'library/index.ts' } }),
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

compileAhead();
