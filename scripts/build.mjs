import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildWeb } from './build-web.mjs';
import { compileAhead } from './compile-ahead.mjs';
import { FOR_NODE, SHIPPED_FOR_NODE } from './for-node.mjs';

// libsql stays outside: it picks the native library of the platform at run time.
const ALL = { metafile: true, minify: true, outdir: 'dist', external: ['libsql'] };

/** Where a CommonJS bundle is that asks for its own address. */
const OWN_ADDRESS = "const __url=require('node:url').pathToFileURL(__filename).href;";
const CJS = { ...FOR_NODE, ...ALL, format: 'cjs', define: { 'import.meta.url': '__url' } };

/** What the command and the worker are started with: a file that is small, for what comes first. */
const start = (entryPoints, options) => build({ ...options, entryPoints });

/**
 * All the rest of the command, or of the worker, in one file: an expression that is a function of `require` and the file's
 * name, and gives what the entry point exports. So Node can require it, and `loadBundle` run it with what was compiled
 * before. What only some commands need is in it, and evaluated when it is needed; once it is compiled, that costs nothing.
 */
async function body(entryPoints) {
  const built = await build({
    ...CJS,
    entryPoints,
    write: false,
    outExtension: { '.js': '.cjs' },
    // Packages in both forms come as modules, whose unused exports are left out.
    mainFields: ['module', 'main'],
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
  await start({ portfleet: 'cli/main.ts' }, { ...FOR_NODE, ...ALL, outExtension: { '.js': '.mjs' } }),
  await body({ 'portfleet-body': 'cli/run-command.ts' }),
  await start(
    { worker: 'local/start-worker.ts' },
    { ...CJS, outExtension: { '.js': '.cjs' }, banner: { js: OWN_ADDRESS } },
  ),
  await body({ 'worker-body': 'local/worker.ts' }),
  await build({ ...SHIPPED_FOR_NODE, ...ALL, entryPoints: { library: 'library/index.ts' } }),
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
