/**
 * Builds, for the package, what the command does not need: `portfleet/cdk` with the functions' bundles beside it, and the
 * types of it and of the library. An app that uses the construct brings aws-cdk-lib and constructs; nothing is built when
 * it is synthesised.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildLambdas } from './build-lambdas.mjs';
import { FOR_NODE } from './for-node.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TYPES = join(ROOT, 'dist/types');

await buildLambdas();
await build({
  ...FOR_NODE,
  absWorkingDir: ROOT,
  entryPoints: ['cdk/portfleet.ts'],
  outfile: 'dist/cdk/portfleet.mjs',
  packages: 'external',
});

rmSync(TYPES, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const options = { declaration: true, emitDeclarationOnly: true, noEmit: false, rootDir: ROOT, outDir: TYPES };
const config = join(ROOT, 'dist/tsconfig.json');
writeFileSync(
  config,
  JSON.stringify({
    extends: '../tsconfig.json',
    compilerOptions: options,
    include: [],
    files: ['../cdk/portfleet.ts', '../library/index.ts'],
  }),
);
execFileSync(process.execPath, [tsc, '-p', config], { cwd: ROOT, stdio: 'inherit' });
rmSync(config);
// A declaration may not import a ".ts": its reader would look for the source.
for (const file of readdirSync(TYPES, { recursive: true, withFileTypes: true })) {
  if (!file.isFile()) continue;
  const path = join(file.parentPath, file.name);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"));
}
