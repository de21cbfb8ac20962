#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { loadBundle } from '../local/load-bundle.ts';
import { makePrewarmedWorkers, type PrewarmedWorkers } from '../local/worker-process.ts';
import { useCompileCache } from './compile-cache.ts';
import { homeDirectory } from './home.ts';
import { workersNeeded } from './plain-scan.ts';

/** The path of another bundle. */
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const workerModule = beside('./worker.cjs');

/** First of all, for what boots meanwhile need not be waited for. */
function prewarm(): PrewarmedWorkers | undefined {
  const [words, directory] = [process.argv.slice(2), process.cwd()];
  const workers = workersNeeded({ words, env: process.env, home: homeDirectory(), directory });
  if (workers === 0) return undefined;
  const prewarmed = makePrewarmedWorkers(workerModule);
  prewarmed.fillUp(workers);
  return prewarmed;
}

useCompileCache(process.env, homeDirectory());
let prewarmed: PrewarmedWorkers | undefined;
// Loaded from here, so that even a command whose own files cannot be opened ends with a sentence.
try {
  prewarmed = prewarm();
  const { runCommand } = loadBundle(beside('./portfleet-body.cjs')) as typeof import('./run-command.ts');
  process.exitCode = await runCommand(workerModule, prewarmed);
} catch (error) {
  // Node adds a list to it of who required what.
  const [why = ''] = String(error instanceof Error ? error.message : error).split('\n');
  const hint = /EMFILE|ENFILE/.test(why) ? 'Raise the limit of open files ("ulimit -n 1024").' : 'Install it again.';
  process.stderr.write(`portfleet: The command cannot be loaded: ${why}.\n  ${hint}\n`);
  process.exitCode = 1;
} finally {
  prewarmed?.dismiss();
}
