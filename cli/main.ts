#!/usr/bin/env node
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { PortfleetError } from '../shared/domain/errors.ts';
import { errorText } from './error-text.ts';
import { EXIT } from './exit-codes.ts';
import { runProgram } from './program.ts';

// The reader of a pipe may leave ("| head"): that ends the output, and is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

try {
  process.exitCode = await runProgram({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    home: homedir(),
    words: process.argv.slice(2),
    workerModule: fileURLToPath(new URL('./worker.mjs', import.meta.url)),
    version: packageJson.version,
  });
} catch (error) {
  if (!(error instanceof PortfleetError)) throw error;
  for (const each of error.errors) process.stderr.write(errorText(each));
  process.exitCode = EXIT.failed;
}
