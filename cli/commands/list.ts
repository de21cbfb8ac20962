import { compareAddresses } from '../../shared/domain/addresses/address-line.ts';
import type { ErrorValue } from '../../shared/domain/errors.ts';
import { SCAN_STATUSES } from '../../shared/domain/scan-status.ts';
import type { EpochMillis } from '../../shared/domain/units.ts';
import { diffScans } from '../../shared/report/diff/diff-scans.ts';
import { jsonText, printable } from '../../shared/report/formats/printable.ts';
import { isoTime, type TimeFormat } from '../../shared/report/formats/time.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { Deployment, ScanHead, ScanRow } from '../deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { timeFormatOf } from '../output/report-output.ts';
import { withDeployment } from '../with-deployment.ts';
import { AGES, parseSince } from './stored-scans.ts';

type ListOptions = CommandOptions<'list'>;

const DEFAULT_LIMIT = 20;

/** A line: a scan, and with --changes what it shows otherwise than the one before. */
type Line = ScanRow & { readonly changes?: number | null };

/** `portfleet list`: the scans of this user, newest first. */
export async function list(options: ListOptions, ctx: CliContext): Promise<ExitCode> {
  const filter = readFilter(options);
  if ('errors' in filter) return refuse(filter.errors, ctx);
  return withDeployment(options, ctx, async (deployment) => {
    const lines: Line[] = [];
    for await (const head of deployment.scanHeads()) {
      if (lines.length === filter.limit) break;
      if (filter.since !== undefined && head.submittedAt < filter.since) break;
      if (!isWanted(head, options)) continue;
      const row = await deployment.readRow(head);
      lines.push(options.changes ? { ...row, changes: await countChanges(head, deployment) } : row);
    }
    if (options.listFormat === 'json') return printJson(lines, ctx);
    if (lines.length > 0) return printTable(lines, options, ctx);
    const isFiltered = options.target ?? options.state ?? options.since;
    const hint = isFiltered === undefined ? 'There is no scan yet. Begin with: portfleet scan 127.0.0.1' : 'No scan.';
    await ctx.stderr.write(`${hint}\n`);
    return EXIT.done;
  });
}

interface Filter {
  readonly limit: number;
  readonly since: EpochMillis | undefined;
}

function readFilter(options: ListOptions): Filter | { readonly errors: readonly ErrorValue[] } {
  const { limit: text = String(DEFAULT_LIMIT), since: sinceText, state, listFormat = 'text' } = options;
  const limit = wholeNumber(text.trim(), 1, Number.MAX_SAFE_INTEGER);
  const since = sinceText === undefined ? undefined : parseSince(sinceText);
  const states: readonly string[] = [...SCAN_STATUSES, 'interrupted'];
  const errors = [
    ...(limit === undefined ? [unreadableOption('--limit', text, 'a whole number from 1 on')] : []),
    ...(since === undefined && sinceText !== undefined
      ? [unreadableOption('--since', sinceText, `${AGES}, or a date such as 2026-11-01`)]
      : []),
    ...(state !== undefined && !states.includes(state)
      ? [unreadableOption('--state', state, `one of ${states.join(', ')}`)]
      : []),
    ...(['text', 'json'].includes(listFormat) ? [] : [unreadableOption('--format', listFormat, 'text or json')]),
  ];
  return limit === undefined || errors.length > 0 ? { errors } : { limit, since };
}

const isWanted = ({ targets, status }: ScanHead, { target, state }: ListOptions): boolean =>
  (target === undefined || targets.includes(target)) && (state === undefined || status === state);

/** Differences to the scan of the same first target before it; null where there is none, or it was of other targets. */
async function countChanges(head: ScanHead, deployment: Deployment): Promise<number | null> {
  let isPast = false;
  for await (const other of deployment.scanHeads()) {
    if (isPast && other.targets.join(' ') === head.targets.join(' ')) return changesBetween(other, head, deployment);
    isPast ||= other.id === head.id;
  }
  return null;
}

async function changesBetween(before: ScanHead, after: ScanHead, deployment: Deployment): Promise<number | null> {
  const [left, right] = [await deployment.findScan(before.id), await deployment.findScan(after.id)];
  if (!left.ok || !right.ok) return null;
  const side = async (scan: typeof left.value) => {
    const { hosts } = await deployment.readReport(scan);
    return { label: scan.id, scan, hosts };
  };
  const compared = diffScans(await side(left.value), await side(right.value), compareAddresses);
  let changes = 0;
  for await (const host of compared.items) changes += host.changes.length;
  return changes;
}

async function printJson(lines: readonly Line[], { stdout }: CliContext): Promise<ExitCode> {
  const objects = lines.map(({ submittedAt, label, ...line }) => ({
    ...line,
    name: label,
    submittedAt: isoTime(submittedAt),
  }));
  await stdout.write(`[${objects.map((each) => `\n${jsonText(each)}`).join(',')}\n]\n`);
  return EXIT.done;
}

/** Targets and ports may be as long as anyone likes to write them. */
const WIDEST = 32;

/** So many letters of an id tell it apart; where a line has no room for all of it, they are its end. */
const ENDING = 8;

async function printTable(lines: readonly Line[], options: ListOptions, { stdout }: CliContext): Promise<ExitCode> {
  const timeFormat = timeFormatOf(options);
  const full = tableOf(lines, timeFormat, (id) => id);
  const fits = (table: readonly string[]): boolean => table.every((line) => line.length <= stdout.width());
  const table = !stdout.isTerminal || fits(full) ? full : tableOf(lines, timeFormat, (id) => `…${id.slice(-ENDING)}`);
  const cut = (line: string): string =>
    stdout.isTerminal && line.length > stdout.width() ? `${line.slice(0, stdout.width() - 1)}…` : line;
  await stdout.write(table.map((line) => `${cut(line)}\n`).join(''));
  return EXIT.done;
}

function tableOf(lines: readonly Line[], timeFormat: TimeFormat, shownId: (id: string) => string): string[] {
  const hasNames = lines.some(({ label }) => label !== null);
  const hasChanges = lines.some(({ changes }) => changes !== undefined);
  const head = ['SCAN', 'SUBMITTED', 'STATUS', 'OPEN', hasChanges && 'CHANGES', hasNames && 'NAME', 'TARGETS', 'PORTS'];
  const rows = lines.map((line) => [
    shownId(line.id),
    timeFormat(line.submittedAt),
    statusText(line),
    `${line.open ?? '?'}`,
    hasChanges && `${line.changes ?? '–'}`,
    hasNames && shortened(line.label ?? ''),
    shortened(targetsText(line)),
    shortened(line.ports),
  ]);
  return alignedRows([head, ...rows].map((row) => row.filter((cell): cell is string => cell !== false)));
}

function statusText({ status, done, planned }: Line): string {
  const percent = planned === 0 ? 0 : Math.floor((done / planned) * 100);
  return status === 'running' || status === 'interrupted' ? `${status}, ${percent} %` : status;
}

const targetsText = ({ targets, moreTargets }: Line): string =>
  targets.slice(0, WIDEST).join(' ') + (moreTargets > 0 ? ` and ${moreTargets} more` : '');

const shortened = (text: string): string => {
  const clean = printable(text);
  return clean.length <= WIDEST ? clean : `${clean.slice(0, WIDEST - 1)}…`;
};

function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
