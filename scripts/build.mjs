import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

// The command and the worker, each one file to start from; what only some commands need is split off and loaded when it
// is. libsql stays outside: it picks the native library of the platform at run time.
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { portfleet: 'cli/main.ts', worker: 'local/worker.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['libsql'],
  // Bundled CommonJS packages (commander, yaml) ask for Node's own modules with require.
  banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  logLevel: 'warning',
});
await chmod('dist/portfleet.mjs', 0o755);
