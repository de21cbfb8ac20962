/**
 * Keeps, beside each bundle that `loadBundle` loads, what the V8 of this Node compiles of it. Only what was run has been
 * compiled whole, so that each is run in a process of its own: node scripts/compile-ahead.mjs bundle [word...].
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { Script } from 'node:vm';

const SELF = fileURLToPath(import.meta.url);
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** The command plans a scan, here and not in a fleet; a worker that has no channel loads what it needs, and ends. */
const RUNS = [['portfleet-body.cjs', '--dry-run', '--endpoint', 'local', '127.0.0.1'], ['worker-body.cjs']];

export function compileAhead() {
  // Without the settings of whoever builds it: neither those of a scan, nor flags that V8 would have to find again.
  const own = Object.entries(process.env).filter(([name]) => !/^(PORTFLEET|XDG|NODE)_/.test(name));
  const env = { ...Object.fromEntries(own), HOME: DIST };
  for (const run of RUNS)
    execFileSync(process.execPath, [SELF, ...run], { cwd: DIST, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function compile(filename) {
  // The worker changes V8's flags once it is loaded, and V8 takes what it compiled for the flags of the start.
  v8.setFlagsFromString = () => {};
  const script = new Script(readFileSync(filename, 'latin1'), { filename });
  const { runCommand } = script.runInThisContext()(createRequire(filename), filename);
  await runCommand?.('');
  writeFileSync(`${filename}.${process.version}-${process.arch}`, script.createCachedData());
}

if (process.argv[1] === SELF) {
  const [bundle] = process.argv.splice(2, 1);
  await compile(DIST + bundle);
}
