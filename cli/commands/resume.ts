import { resolve } from 'node:path';
import { err, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { isExpectFile } from '../../shared/report/expectations/parse-expect.ts';
import { type Aftermath, carryOut, mayWriteReports, readAftermath } from '../carry-out.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { parseWorkers } from '../local-deployment.ts';
import { type CommandOptions, REPORT_FILE_OPTIONS, type ScanOptions } from '../options/command-table.ts';
import { readCommandLine } from '../options/read-words.ts';
import { refuse } from '../output/error-text.ts';
import { chooseScan, withDeployment } from '../with-deployment.ts';

/**
 * `portfleet resume`: goes on with a scan that was interrupted, whose chunks failed, or that could not be summed up, and
 * probes only what is not settled yet. Its report files, expectations and format are those of the command that began it.
 */
export async function resume(words: string, options: CommandOptions<'resume'>, ctx: CliContext): Promise<ExitCode> {
  const workers = parseWorkers(options.workers);
  if (!workers.ok) return refuse(workers.errors, ctx);
  return withDeployment(
    options,
    ctx,
    async (deployment) => {
      const found = await chooseScan({ words }, deployment);
      if (!found.ok) return refuse(found.errors, ctx);
      const all = { ...begunWith(found.value, options.format !== undefined), ...options };
      const aftermath = await aftermathOf(found.value, all);
      if (!aftermath.ok) return refuse(aftermath.errors, ctx);
      if (!(await mayWriteReports(aftermath.value, all, ctx))) return EXIT.failed;
      const scan = await deployment.takeUp(found.value);
      if (!scan.ok) return refuse(scan.errors, ctx);
      return carryOut(scan.value, aftermath.value, deployment, 'resumed', all, ctx);
    },
    workers.value,
  );
}

/** What was read once is readable, but for files that went away since. */
async function aftermathOf(scan: Scan, options: ScanOptions): Promise<Result<Aftermath>> {
  const aftermath = await readAftermath(options, scan.command?.at ?? scan.submittedAt);
  if (aftermath.ok) return aftermath;
  const hint = 'The scan was begun with that; see "portfleet show" for what it found so far.';
  return err(...aftermath.errors.map((each) => (scan.command ? { ...each, hint: `${each.hint} ${hint}` } : each)));
}

/** The options of the command that began the scan, with its paths as they are from anywhere. */
function begunWith({ command }: Scan, isFormatGiven: boolean): ScanOptions {
  if (!command) return {};
  const { words, directory } = command;
  const line = readCommandLine(words);
  if (!line.ok) return {};
  const { dataDir, workers, dryRun, ...options } = line.value.options;
  const paths = { ...options };
  for (const name of [...REPORT_FILE_OPTIONS, 'outputAll'] as const) {
    const path = paths[name];
    // "-oX -" said what standard output gets, until --format says otherwise.
    if (path === '-' && isFormatGiven) delete paths[name];
    else if (path !== undefined && path !== '-') paths[name] = resolve(directory, path);
  }
  const expect = options.expect?.map((text) => (isExpectFile(text) ? resolve(directory, text) : text));
  return { ...paths, ...(expect && { expect }) };
}
