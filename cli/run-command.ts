import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrewarmedWorkers } from '../local/worker-process.ts';
import packageJson from '../package.json' with { type: 'json' };
import { type ErrorValue, errorValue, PortfleetError } from '../shared/domain/errors.ts';
import { type CliContext, EXIT, type ExitCode } from './context.ts';
import { homeDirectory } from './home.ts';
import { printErrors } from './output/error-text.ts';
import { outputChannel } from './output/output-channel.ts';
import { runProgram } from './program.ts';
import { onStatusRequest } from './signals.ts';

/**
 * The command from its first word to its exit code. What it knows of its process it is told here.
 *
 * @param workerModule the worker's bundle
 * @param prewarmed workers that it will need, where that was certain before it was read
 */
export async function runCommand(workerModule: string, prewarmed?: PrewarmedWorkers): Promise<ExitCode> {
  const ctx: CliContext = {
    stdin: () => process.stdin,
    stdout: outputChannel(process.stdout, process.env),
    stderr: outputChannel(process.stderr, process.env),
    env: process.env,
    platform: process.platform,
    home: homeDirectory(),
    words: process.argv.slice(2),
    settingWords: [],
    origins: new Map(),
    directory: process.cwd(),
    workerModule,
    prewarmed,
    version: packageJson.version,
  };
  // Whoever asks where a scan stands before it runs, or after it, gets no debugger.
  onStatusRequest(() => {});
  process.on('uncaughtException', (error) => {
    void failed(error, ctx).then((code) => process.exit(code));
  });
  const code = await runProgram(ctx).catch((error: unknown) => failed(error, ctx));
  return afterPrinting(code, ctx);
}

/** An error that has a sentence is told by it; any other one by where its details were written. */
async function failed(error: unknown, ctx: CliContext): Promise<ExitCode> {
  const errors = error instanceof PortfleetError ? error.errors : [unexpected(error, ctx)];
  await printErrors(errors, ctx);
  return EXIT.failed;
}

/** No stack reaches a user: it is of use to who mends the program, in a file. */
function unexpected(error: unknown, { version }: CliContext): ErrorValue {
  const message = error instanceof Error ? error.message : String(error);
  // A part of the command that is loaded when it is needed cannot be: what that takes is known.
  if (message.startsWith('EMFILE')) return errorValue('TOO_FEW_DESCRIPTORS', `Too few files may be open: ${message}.`);
  const file = join(tmpdir(), `portfleet-${process.pid}-${Date.now()}.txt`);
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    const about = `portfleet ${version}, Node ${process.version}, ${process.platform}\n`;
    writeFileSync(file, `${about}${details}\n`, { flag: 'wx', mode: 0o600 });
    return errorValue('UNEXPECTED', `That should not happen: ${message}.`, { hint: `The details are in ${file}.` });
  } catch {
    return errorValue('UNEXPECTED', `That should not happen: ${message}.`, {
      hint: 'The details could not be written.',
    });
  }
}

/** Of what could not be printed the shell hears; a reader that left is no failure. */
async function afterPrinting(code: ExitCode, ctx: CliContext): Promise<ExitCode> {
  const failure = ctx.stdout.failure();
  if (!failure) return code;
  const detail = `Standard output cannot be written: ${failure.message}.`;
  await printErrors([errorValue('OUTPUT_UNWRITABLE', detail)], ctx);
  return EXIT.failed;
}
