import { printable } from '../../shared/report/formats/printable.ts';
import type { TimeFormat } from '../../shared/report/formats/time.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { ScanRow } from '../deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { timeFormatOf } from '../output/report-output.ts';
import { withDeployment } from '../with-deployment.ts';

const DEFAULT_LIMIT = 20;

const HEAD = ['SCAN', 'SUBMITTED', 'STATUS', 'OPEN', 'TARGETS', 'PORTS'];

/** Targets and ports may be as long as anyone likes to write them. */
const WIDEST = 32;

/** `portfleet list`: the scans of this user, newest first. */
export async function list(options: CommandOptions<'list'>, ctx: CliContext): Promise<ExitCode> {
  const { limit: text = String(DEFAULT_LIMIT) } = options;
  const limit = wholeNumber(text.trim(), 1, Number.MAX_SAFE_INTEGER);
  if (limit === undefined) return refuse([unreadableOption('--limit', text, 'a whole number from 1 on')], ctx);
  return withDeployment(options, ctx, async (deployment) => {
    const scans = await deployment.listScans(limit);
    if (scans.length === 0) await ctx.stderr.write('There is no scan yet. Begin with: portfleet scan 127.0.0.1\n');
    if (scans.length === 0) return EXIT.done;
    const timeFormat = timeFormatOf(options);
    await ctx.stdout.write(tableText([HEAD, ...scans.map((scan) => cellsOf(scan, timeFormat))]));
    return EXIT.done;
  });
}

function cellsOf(
  { id, submittedAt, status, open, planned, done, targets, ports }: ScanRow,
  timeFormat: TimeFormat,
): string[] {
  const percent = Math.floor((done / planned) * 100);
  return [
    id,
    timeFormat(submittedAt),
    status === 'running' || status === 'interrupted' ? `${status}, ${percent} %` : status,
    `${open ?? '?'}`,
    shortened(targets),
    shortened(ports),
  ];
}

const shortened = (text: string): string => {
  const clean = printable(text);
  return clean.length <= WIDEST ? clean : `${clean.slice(0, WIDEST - 1)}…`;
};

function tableText(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
