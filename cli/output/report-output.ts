import { errorValue } from '../../shared/domain/errors.ts';
import { withoutLogin } from '../../shared/domain/proxy.ts';
import type { Report } from '../../shared/domain/report.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { Expected } from '../../shared/report/expectations/expect.ts';
import { FORMATS, type FormatName, formatReport, isFormatName } from '../../shared/report/formats/format.ts';
import type { FormatOptions } from '../../shared/report/formats/sections.ts';
import { clockFormat, type TimeFormat } from '../../shared/report/formats/time.ts';
import type { CliContext } from '../context.ts';
import type { ReportOptions, StoredOptions } from '../options/command-table.ts';
import type { OptionsOf } from '../options/option-table.ts';

/** The format that `--format` names. */
export function parseFormat(name: string = 'text'): Result<FormatName> {
  if (isFormatName(name)) return ok(name);
  const at = { field: '--format', text: name, start: 0, end: name.length };
  const hint = `Write one of ${Object.keys(FORMATS).join(', ')}.`;
  return err(errorValue('OPTION_UNREADABLE', `"${name}" is not a format.`, { at, hint }));
}

/** The zone in which a person wants to read times: that of this machine, unless `--utc` says otherwise. */
export function timeZoneOf({ utc }: Pick<StoredOptions, 'utc'>): string {
  if (utc) return 'UTC';
  try {
    // With TZ empty or unknown, the name is empty or unknown too; a formatter refuses it here and not in mid-report.
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return new Intl.DateTimeFormat('en', { timeZone: timeZone || 'UTC' }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

export const timeFormatOf = (options: Pick<StoredOptions, 'utc'>): TimeFormat => clockFormat(timeZoneOf(options));

type ShownOptions = Pick<ReportOptions, 'open' | 'utc'> & OptionsOf<'stylesheet' | 'noStylesheet'>;

/** What the formats need to know beside the scan. */
export function formatOptions(options: ShownOptions, ctx: CliContext, expected: Expected | null = null): FormatOptions {
  return {
    ...(expected && { expected }),
    openOnly: options.open === true,
    stylesheet: options.noStylesheet ? null : options.stylesheet,
    timeZone: timeZoneOf(options),
    args: withoutLogin(['portfleet', ...ctx.words, ...ctx.settingWords].join(' ')),
    version: ctx.version,
    now: systemClock.wall(),
  };
}

/** Writes a report to standard output. */
export async function printReport(
  report: Report,
  format: FormatName,
  options: ShownOptions,
  ctx: CliContext,
  expected: Expected | null = null,
): Promise<void> {
  const width = ctx.stdout.isTerminal ? ctx.stdout.width() : undefined;
  const how = { ...formatOptions(options, ctx, expected), width };
  for await (const text of formatReport(format, report, how)) await ctx.stdout.write(text);
}
