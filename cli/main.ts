#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

// Loaded from here, so that even a command whose own files cannot be opened ends with a sentence.
try {
  const { runCommand } = await import('./run-command.ts');
  process.exitCode = await runCommand(fileURLToPath(new URL('./worker.mjs', import.meta.url)));
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `portfleet: The command cannot be loaded: ${why}.\n  Raise the limit of open files ("ulimit -n 1024").\n`,
  );
  process.exitCode = 1;
}
