import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type ErrorValue, errorValue } from '../shared/domain/errors.ts';
import type { Report } from '../shared/domain/report.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { FORMATS, type FormatName, formatReport, isFormatName } from '../shared/report/formats/format.ts';
import type { FormatOptions } from '../shared/report/formats/sections.ts';
import { type CliContext, write } from './context.ts';
import type { ReportOptions, ScanOptions } from './scan-options.ts';
import { timeZoneOf } from './time-zone.ts';

/** The format that `--format` names. */
export function parseFormat(name: string): Result<FormatName> {
  if (isFormatName(name)) return ok(name);
  const at = { field: '--format', text: name, start: 0, end: name.length };
  const hint = `Write one of ${Object.keys(FORMATS).join(', ')}.`;
  return err(errorValue('OPTION_UNREADABLE', `"${name}" is not a format.`, { at, hint }));
}

/** A file that gets the report too. */
export interface ReportFile {
  readonly path: string;
  readonly format: FormatName;
}

const ALL: readonly (readonly [FormatName, string])[] = [
  ['text', '.txt'],
  ['xml', '.xml'],
  ['greppable', '.gnmap'],
  ['json', '.json'],
];

/** The files that the -o options name. */
export function reportFiles(options: ScanOptions): ReportFile[] {
  const { outputText, outputXml, outputGreppable, outputJson, outputAll } = options;
  const single: readonly (readonly [FormatName, string | undefined])[] = [
    ['text', outputText],
    ['xml', outputXml],
    ['greppable', outputGreppable],
    ['json', outputJson],
  ];
  const all = outputAll === undefined ? [] : ALL.map(([format, ending]) => ({ format, path: outputAll + ending }));
  return [...single.flatMap(([format, path]) => (path === undefined ? [] : [{ format, path }])), ...all];
}

/** What the formats need to know beside the scan. */
export function formatOptions(options: ReportOptions, ctx: CliContext): FormatOptions {
  return {
    openOnly: options.open === true,
    timeZone: timeZoneOf(options),
    args: ['portfleet', ...ctx.words].join(' '),
    version: ctx.version,
    now: systemClock.wall(),
  };
}

/** Writes a report to standard output. */
export async function printReport(
  report: Report,
  format: FormatName,
  options: ReportOptions,
  ctx: CliContext,
): Promise<void> {
  for await (const text of formatReport(format, report, formatOptions(options, ctx))) await write(ctx.stdout, text);
}

/**
 * Writes the report to each file, reading it anew for each, as a report is a stream. A file that cannot be written is
 * told, and does not keep the others from theirs.
 */
export async function writeReportFiles(
  readReport: () => Promise<Report>,
  files: readonly ReportFile[],
  options: ReportOptions,
  ctx: CliContext,
): Promise<readonly ErrorValue[]> {
  const errors: ErrorValue[] = [];
  for (const { path, format } of files) {
    const report = await readReport();
    try {
      await writeFile(path, formatReport(format, report, formatOptions(options, ctx)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      errors.push(errorValue('OUTPUT_UNWRITABLE', `The report could not be written to ${path}: ${why}.`));
    }
  }
  return errors;
}

async function writeFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const file = createWriteStream(path);
  const failed = once(file, 'error').then(([error]) => Promise.reject(error as Error));
  const written = (async () => {
    for await (const piece of pieces) if (!file.write(piece)) await once(file, 'drain');
    file.end();
    await once(file, 'close');
  })();
  await Promise.race([written, failed]);
  failed.catch(() => undefined);
}
