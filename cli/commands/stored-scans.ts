import { errorValue } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { type EpochMillis, millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { formatReport } from '../../shared/report/formats/format.ts';
import { unreadableOption } from '../../shared/request/parse-timing.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { Deployment, ScanHead } from '../deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { printErrors, refuse } from '../output/error-text.ts';
import { replaceFile } from '../output/report-files.ts';
import { formatOptions, parseFormat, printReport, timeFormatOf } from '../output/report-output.ts';
import { chooseScan, withDeployment, withScan } from '../with-deployment.ts';

/** `portfleet show`: the report of one scan, as far as it is known. */
export async function show(
  words: string | undefined,
  options: CommandOptions<'show'>,
  ctx: CliContext,
): Promise<ExitCode> {
  const format = parseFormat(options.format);
  if (!format.ok) return refuse(format.errors, ctx);
  return withScan({ words, last: options.last }, options, ctx, async (scan, deployment) => {
    await printReport(await deployment.readReport(scan), format.value, options, ctx);
    return EXIT.done;
  });
}

/** `portfleet export`: a scan as JSON, which `portfleet import` reads on any machine. */
export async function exportScan(
  words: readonly string[],
  options: CommandOptions<'export'>,
  ctx: CliContext,
): Promise<ExitCode> {
  const [scanWords, file] = options.last === undefined ? words : [undefined, words[0]];
  return withScan({ words: scanWords, last: options.last }, options, ctx, async (scan, deployment) => {
    const report = await deployment.readReport(scan);
    if (file === undefined || file === '-') await printReport(report, 'json', options, ctx);
    else {
      try {
        await replaceFile(file, formatReport('json', report, formatOptions(options, ctx)));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        await printErrors([errorValue('OUTPUT_UNWRITABLE', `${file} cannot be written: ${why}.`)], ctx);
        return EXIT.failed;
      }
      await ctx.stderr.write(`Scan ${scan.id} is in ${file}. Take it in elsewhere with: portfleet import ${file}\n`);
    }
    return EXIT.done;
  });
}

/** `portfleet cancel`: the workers of the scan, wherever they run, stop at once. */
export function cancel(words: string, options: CommandOptions<'cancel'>, ctx: CliContext): Promise<ExitCode> {
  return withScan({ words }, options, ctx, async (scan, deployment) => {
    const cancelled = await deployment.cancel(scan);
    if (!cancelled.ok) return refuse(cancelled.errors, ctx);
    await ctx.stdout.write(`Scan ${scan.id} is cancelled. What was found stays: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}

/** `portfleet delete`: all are looked up before the first goes. */
export function deleteScans(
  words: readonly string[],
  options: CommandOptions<'delete'>,
  ctx: CliContext,
): Promise<ExitCode> {
  return withDeployment(options, ctx, async (deployment) => {
    const chosen = [];
    for (const each of words) chosen.push(await chooseScan({ words: each }, deployment));
    const missing = chosen.flatMap((result) => (result.ok ? [] : result.errors));
    if (missing.length > 0) return refuse(missing, ctx);
    const ids = new Set(chosen.flatMap((result) => (result.ok ? [result.value.id] : [])));
    for (const id of ids) {
      const deleted = await deployment.delete(id);
      if (!deleted.ok) return refuse(deleted.errors, ctx);
      await ctx.stdout.write(`Scan ${id} is deleted.\n`);
    }
    deployment.compact();
    return EXIT.done;
  });
}

/** `portfleet prune`: what is older than that goes, unless it runs. */
export async function prune(options: CommandOptions<'prune'>, ctx: CliContext): Promise<ExitCode> {
  const age = options.older === undefined ? undefined : parseAge(options.older);
  if (age === undefined) return refuse([unreadableOption('--older', options.older ?? '', AGES)], ctx);
  const timeFormat = timeFormatOf(options);
  return withDeployment(options, ctx, async (deployment) => {
    const old = await oldScans(deployment, age, options.target);
    for (const { id, submittedAt, targets } of options.dryRun ? old : []) {
      await ctx.stdout.write(`${id}  ${timeFormat(submittedAt)}  ${targets.join(' ')}\n`);
    }
    if (!options.dryRun) await deleteAll(old, deployment);
    const count = old.length === 1 ? '1 scan' : `${old.length} scans`;
    await ctx.stdout.write(`${count} ${options.dryRun ? 'would be' : old.length === 1 ? 'is' : 'are'} deleted.\n`);
    return EXIT.done;
  });
}

/** What --prune-older does after a scan. */
export async function pruneOlder(age: number, deployment: Deployment): Promise<void> {
  await deleteAll(await oldScans(deployment, age, undefined), deployment);
}

async function oldScans(deployment: Deployment, age: number, target: string | undefined): Promise<ScanHead[]> {
  const limit = systemClock.wall() - age;
  const old: ScanHead[] = [];
  for await (const head of deployment.scanHeads()) {
    const isStill = head.status === 'interrupted' || isOver(head.status);
    if (head.submittedAt < limit && isStill && (target === undefined || head.targets.includes(target))) old.push(head);
  }
  return old;
}

async function deleteAll(heads: readonly ScanHead[], deployment: Deployment): Promise<void> {
  // One that was taken up in the meantime stays: that is no error of whoever prunes.
  for (const { id } of heads) await deployment.delete(id);
  if (heads.length > 0) deployment.compact();
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

export const AGES = 'an age such as 12h, 30d or 8w';

/** "30d" in milliseconds. */
export function parseAge(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)\s*([mhdw])$/i.exec(text.trim()) ?? [];
  return digits === '' ? undefined : millis(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1));
}

/** The moment that "30d" is ago, or a date says. */
export function parseSince(text: string): EpochMillis | undefined {
  const age = parseAge(text);
  const at = age === undefined ? Date.parse(text) : systemClock.wall() - age;
  return Number.isNaN(at) ? undefined : (at as EpochMillis);
}
