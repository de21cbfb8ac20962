/**
 * What is shipped: the packages of which something is left in the command, in the functions or in the page, and those that
 * the command loads at run time. Asked of the bundler, because a list by hand would be behind.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The entry points of each thing that is shipped; one that is not there is left out. */
const SHIPPED = {
  command: ['cli/main.ts', 'cli/run-command.ts', 'local/start-worker.ts', 'local/worker.ts', 'library/index.ts'],
  functions: readdirSync(join(ROOT, 'lambdas')).map((name) => `lambdas/${name}/index.ts`),
  page: ['web/main.tsx', 'web/main.ts', 'web/index.tsx'],
};

/** Loaded at run time, because it picks the native library of the platform. */
const EXTERNAL = ['libsql'];

/** Packages by name: version, licence, where they are shipped, and the checksum that npm has of them. */
export async function shippedPackages() {
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const places = new Map();
  const add = (path, where) => places.set(path, new Set([...(places.get(path) ?? []), where]));
  for (const [where, entries] of Object.entries(SHIPPED)) {
    const there = entries.filter((entry) => existsSync(join(ROOT, entry)));
    if (there.length > 0) for (const path of await bundled(there, where)) add(path, where);
  }
  for (const name of EXTERNAL)
    for (const path of withDependencies(`node_modules/${name}`, locked)) add(path, 'command');
  return [...places]
    .map(([path, where]) => describe(path, [...where], locked))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The folder of a package, that of one inside another one included. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The folders in node_modules that something of is left of in the bundles. */
async function bundled(entryPoints, where) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: 'nowhere',
    write: false,
    metafile: true,
    bundle: true,
    format: 'esm',
    platform: where === 'page' ? 'browser' : 'node',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.css': 'empty', '.svg': 'text', '.html': 'text' },
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    ...(where === 'functions' && {
      alias: { '@aws-sdk/credential-provider-node': './lambdas/aws/lambda-credentials.ts' },
    }),
    logLevel: 'error',
  });
  const left = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  // From the first node_modules on: the folder may be a link to one that lies elsewhere.
  const folders = left.map((file) => /node_modules\/.*/.exec(file)?.[0]).map((file) => file && PACKAGE.exec(file)?.[0]);
  return new Set(folders.filter((folder) => folder !== undefined));
}

/** A package and all that it needs, the native libraries of every platform among them. */
function withDependencies(path, locked, found = new Set()) {
  if (found.has(path) || !locked[path]) return found;
  found.add(path);
  const { dependencies = {}, optionalDependencies = {} } = locked[path];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    withDependencies(`node_modules/${name}`, locked, found);
  }
  return found;
}

function describe(path, where, locked) {
  const { version, license, integrity } = locked[path];
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (!license) throw new Error(`${name} names no licence in package-lock.json`);
  return { name, version, licence: license, where, integrity };
}
