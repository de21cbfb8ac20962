import { errorValue } from '../../shared/domain/errors.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import type { TimeFormat } from '../../shared/report/formats/time.ts';
import type { CliContext } from '../context.ts';
import type { ScanRow } from '../deployment.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { KeptOptions } from '../scan-options.ts';
import { timeFormatOf } from '../time-zone.ts';
import { refuse, withDeployment } from '../with-deployment.ts';

export interface ListOptions extends KeptOptions {
  readonly limit: string;
}

const HEAD = ['SCAN', 'SUBMITTED', 'STATUS', 'OPEN', 'TARGETS', 'PORTS'];

/** Targets and ports may be as long as anyone likes to write them. */
const WIDEST = 32;

/** `portfleet list`: the scans of this user, newest first. */
export async function list(options: ListOptions, ctx: CliContext): Promise<ExitCode> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    const at = { field: '--limit', text: options.limit, start: 0, end: options.limit.length };
    const hint = 'Write a whole number from 1 on.';
    return refuse([errorValue('OPTION_UNREADABLE', `"${options.limit}" is no number of scans.`, { at, hint })], ctx);
  }
  return withDeployment(options, ctx, async (deployment) => {
    const scans = await deployment.listScans(limit);
    if (scans.length === 0) ctx.stderr.write('There is no scan yet. Begin with: portfleet scan 127.0.0.1\n');
    if (scans.length === 0) return EXIT.done;
    const timeFormat = timeFormatOf(options);
    ctx.stdout.write(tableText([HEAD, ...scans.map((scan) => cellsOf(scan, timeFormat))]));
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
    status === 'running' ? `running, ${percent} %` : status,
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
