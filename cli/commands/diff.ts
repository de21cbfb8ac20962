import { compareAddresses } from '../../shared/domain/addresses/address-line.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import {
  DIFF_FORMATS,
  type DiffFormatName,
  formatDiff,
  isDiffFormatName,
} from '../../shared/report/diff/diff-format.ts';
import { type DiffSide, type DiffVerdict, diffScans, watchDifferences } from '../../shared/report/diff/diff-scans.ts';
import type { ImportedScan } from '../../shared/report/import/import-scan.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { formatOptions } from '../output/report-output.ts';
import { isScanFile, type OpenScanFile, openScanFile } from '../scan-file.ts';
import { chooseScan, withDeployment } from '../with-deployment.ts';

type DiffOptions = CommandOptions<'diff'>;

/** `portfleet diff`: what changed between two scans, each one of ours or a file of nmap's. */
export async function diff(
  before: string | undefined,
  after: string | undefined,
  options: DiffOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  const format = parseDiffFormat(options.diffFormat);
  if (!format.ok) return refuse(format.errors, ctx);
  const files: OpenScanFile[] = [];
  const open = async (path: string): Promise<Result<ImportedScan>> => {
    const file = await openScanFile(path, ctx.stdin);
    files.push(file);
    return file.imported;
  };
  try {
    return await withDeployment(options, ctx, async (deployment) => {
      const sides = await sidesOf(before, after, options, { deployment, open });
      if (!sides.ok) return refuse(sides.errors, ctx);
      if (sides.value === 'first') {
        await ctx.stderr.write(
          `This is the first scan of "${options.last}": there is nothing to compare it with yet.\n`,
        );
        return EXIT.done;
      }
      const [left, right] = sides.value;
      const compared = diffScans(left, right, compareAddresses);
      const watched = watchDifferences(compared.items);
      const shown = { ...compared, items: watched.items };
      for await (const text of formatDiff(format.value, shown, formatOptions(options, ctx)))
        await ctx.stdout.write(text);
      return EXIT_CODES[watched.verdict()];
    });
  } finally {
    for (const file of files) file.close();
  }
}

const EXIT_CODES = {
  different: EXIT.different,
  same: EXIT.done,
  'not-comparable': EXIT.gaps,
} as const satisfies Record<DiffVerdict, ExitCode>;

type Sides = readonly [before: DiffSide, after: DiffSide];

/** Where scans come from. */
interface Sources {
  readonly deployment: Deployment;
  readonly open: (path: string) => Promise<Result<ImportedScan>>;
}

async function sidesOf(
  before: string | undefined,
  after: string | undefined,
  { last }: DiffOptions,
  sources: Sources,
): Promise<Result<Sides | 'first'>> {
  if (last !== undefined) return latestSides(last, sources.deployment);
  if (before === undefined || after === undefined) {
    const hint = 'Write two scan ids or files of nmap, or --last and a target.';
    return err(errorValue('OPTION_UNREADABLE', 'A difference needs two scans.', { hint }));
  }
  const [left, right] = [await sideOf(before, sources), await sideOf(after, sources)];
  if (left.ok && right.ok) return ok([left.value, right.value]);
  return err(...[left, right].flatMap((side) => (side.ok ? [] : side.errors)));
}

async function sideOf(words: string, { deployment, open }: Sources): Promise<Result<DiffSide>> {
  if (isScanFile(words)) {
    const imported = await open(words);
    if (!imported.ok) return imported;
    const { scan, hosts } = imported.value;
    return ok({ label: words, scan, hosts: hosts() });
  }
  const found = await chooseScan({ words }, deployment);
  return found.ok ? ok(await sideOfScan(found.value, deployment)) : found;
}

async function sideOfScan(scan: Scan, deployment: Deployment): Promise<DiffSide> {
  const { hosts } = await deployment.readReport(scan);
  return { label: scan.id, scan, hosts };
}

/** `first` where the target was scanned once: a pipeline that has just begun must not fail by it. */
async function latestSides(target: string, deployment: Deployment): Promise<Result<Sides | 'first'>> {
  const [after, before] = await deployment.latestScans(target, 2);
  if (after && before) return ok([await sideOfScan(before, deployment), await sideOfScan(after, deployment)]);
  if (after) return ok('first');
  return err(errorValue('SCAN_NOT_FOUND', `No scan of "${target}" is stored; a difference needs two.`));
}

function parseDiffFormat(name: string = 'text'): Result<DiffFormatName> {
  if (isDiffFormatName(name)) return ok(name);
  const at = { field: '--format', text: name, start: 0, end: name.length };
  const hint = `Write one of ${Object.keys(DIFF_FORMATS).join(', ')}.`;
  return err(errorValue('OPTION_UNREADABLE', `"${name}" is no format of a difference.`, { at, hint }));
}
