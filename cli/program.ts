import type { CliContext, ExitCode } from './context.ts';
import { type CommandLine, readCommandLine } from './options/read-words.ts';
import { refuse } from './output/error-text.ts';
import { applySettings, originsOf, settingWords, tellOfDirectory } from './settings/apply-settings.ts';

/** Runs one command line; the exit code says how it went. Commands are loaded when they are called. */
export async function runProgram(ctx: CliContext): Promise<ExitCode> {
  const read = readCommandLine(ctx.words);
  if (!read.ok) return refuse(read.errors, ctx);
  const line = await applySettings(read.value, ctx);
  if (!line.ok) return refuse(line.errors, ctx);
  const { notes, settings, options } = line.value;
  if (!options.quiet) for (const note of notes) await ctx.stderr.write(`portfleet: ${note}\n`);
  if (!read.value.options.quiet) await tellOfDirectory(line.value, ctx);
  return run(line.value, { ...ctx, settingWords: settingWords(settings), origins: originsOf(settings) });
}

async function run({ command, words, options }: CommandLine, ctx: CliContext): Promise<ExitCode> {
  // The reader has seen to it that a command gets as many words as it needs.
  const [first = '', second] = words;
  switch (command) {
    case 'scan':
      return (await import('./commands/scan.ts')).scan(words, options, ctx);
    case 'show':
      return (await import('./commands/stored-scans.ts')).show(words[0], options, ctx);
    case 'list':
      return (await import('./commands/list.ts')).list(options, ctx);
    case 'resume':
      return (await import('./commands/resume.ts')).resume(first, options, ctx);
    case 'cancel':
      return (await import('./commands/stored-scans.ts')).cancel(first, options, ctx);
    case 'delete':
      return (await import('./commands/stored-scans.ts')).deleteScans(words, options, ctx);
    case 'prune':
      return (await import('./commands/stored-scans.ts')).prune(options, ctx);
    case 'export':
      return (await import('./commands/stored-scans.ts')).exportScan(words, options, ctx);
    case 'diff':
      return (await import('./commands/diff.ts')).diff(words[0], second, options, ctx);
    case 'import':
      return (await import('./commands/import.ts')).importFile(first, options, ctx);
    case 'watch':
      return (await import('./commands/watch.ts')).watch(first, words.slice(1), options, ctx);
    case 'history':
      return (await import('./commands/history.ts')).history(first, second, options, ctx);
    case 'serve':
      return (await import('./commands/serve.ts')).serve(options, ctx);
    case 'config':
      return (await import('./commands/config.ts')).config(options, ctx);
    case 'completion':
      return (await import('./commands/completion.ts')).completion(first, ctx);
    case 'man':
      return (await import('./commands/man.ts')).man(ctx);
    case 'help':
      return (await import('./commands/help.ts')).help(words[0], ctx);
    case 'version':
      return (await import('./commands/help.ts')).version(ctx);
    default:
      return command satisfies never;
  }
}
