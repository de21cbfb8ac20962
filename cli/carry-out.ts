import { ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import type { EpochMillis, Millis } from '../shared/domain/units.ts';
import type { Expected } from '../shared/report/expectations/expect.ts';
import type { FormatName } from '../shared/report/formats/format.ts';
import { type CliContext, EXIT, type ExitCode } from './context.ts';
import type { Deployment, Following } from './deployment.ts';
import { annotate, isAsExpected, readExpected } from './expectation.ts';
import { followScan, parseStatsEvery } from './follow-scan.ts';
import { storeDirectory } from './local-deployment.ts';
import type { ScanOptions } from './options/command-table.ts';
import { printErrors } from './output/error-text.ts';
import { checkReportFiles, type ReportFile, reportPlaces, writeReportFiles } from './output/report-files.ts';
import { parseFormat } from './output/report-output.ts';
import { onInterrupt } from './signals.ts';

/** What becomes of a scan beside the probing, read: the same for one that begins and one that goes on. */
export interface Aftermath {
  readonly format: FormatName;
  readonly files: readonly ReportFile[];
  readonly expected: Expected | null;
  readonly statsEvery: Millis | null;
}

/**
 * Every error of the options at once.
 *
 * @param at the moment for the % of file names
 */
export async function readAftermath(options: ScanOptions, at: EpochMillis): Promise<Result<Aftermath>> {
  const places = reportPlaces(options, new Date(at));
  const [format, expected, statsEvery] = [
    parseFormat(options.format),
    await readExpected(options),
    parseStatsEvery(options.statsEvery),
  ];
  const read = [format, places, expected, statsEvery];
  if (!format.ok || !places.ok || !expected.ok || !statsEvery.ok) {
    return { ok: false, errors: read.flatMap((result) => (result.ok ? [] : result.errors)) };
  }
  return ok({
    format: places.value.stdout ?? format.value,
    files: places.value.files,
    expected: expected.value,
    statsEvery: statsEvery.value,
  });
}

/** True when every report file can be written; else what is in the way is told, before anything is probed. */
export async function mayWriteReports({ files }: Aftermath, options: ScanOptions, ctx: CliContext): Promise<boolean> {
  const errors = await checkReportFiles(files, storeDirectory(options, ctx));
  await printErrors(errors, ctx);
  return errors.length === 0;
}

/** Follows the scan to its end, writes its reports, and judges what was found. */
export async function carryOut(
  scan: Scan,
  { format, files, expected, statsEvery }: Aftermath,
  deployment: Deployment,
  start: Following['start'],
  options: ScanOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  // Held until the last file is whole: a signal must not cut a report.
  const interrupt = onInterrupt();
  try {
    const showing = { start, format, expected, statsEvery, signal: interrupt.signal };
    const { scan: after, code } = await followScan(scan, deployment, showing, options, ctx);
    const readReport = () => deployment.readReport(after);
    const unwritten = await writeReportFiles(readReport, { files, expected }, options, ctx);
    await printErrors(unwritten, ctx);
    if (code === EXIT.gaps) await annotate('warning', 'Ports not probed', 'Some ports could not be probed.', ctx);
    if (code !== EXIT.done) return code;
    if (unwritten.length > 0) return EXIT.failed;
    if (expected === null) return EXIT.done;
    return (await isAsExpected(await readReport(), expected, options, ctx)) ? EXIT.done : EXIT.different;
  } finally {
    interrupt.forget();
  }
}
