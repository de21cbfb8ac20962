import { once } from 'node:events';
import { constants, createWriteStream, realpathSync, type Stats, statSync } from 'node:fs';
import { access, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { STORE_FILE } from '../../local/data-dir.ts';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import type { Report } from '../../shared/domain/report.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Expected } from '../../shared/report/expectations/expect.ts';
import { type FormatName, formatReport } from '../../shared/report/formats/format.ts';
import type { CliContext } from '../context.ts';
import { REPORT_FILE_OPTIONS, REPORT_FILES, type ScanOptions } from '../options/command-table.ts';
import { formatOptions } from './report-output.ts';

/** A file that gets the report too. */
export interface ReportFile {
  readonly path: string;
  readonly format: FormatName;
}

/** Where reports go: files, and what standard output gets instead of `--format` ("-oX -"). */
export interface ReportPlaces {
  readonly files: readonly ReportFile[];
  readonly stdout: FormatName | null;
}

const ALL: readonly (readonly [FormatName, string])[] = [
  ['text', '.txt'],
  ['xml', '.xml'],
  ['greppable', '.gnmap'],
  ['json', '.json'],
];

/** The places that the -o options name; no two formats to one place. `now` is for the % of the names. */
export function reportPlaces(options: ScanOptions, now: Date): Result<ReportPlaces> {
  const named = namedPlaces(options).map(({ path, format }) => ({ path: expandTime(path, now), format }));
  const toStdout = named.filter(({ path }) => path === '-');
  const places = named.map(({ path }) => (path === '-' ? path : resolve(path)));
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) {
    return err(errorValue('OPTIONS_CONFLICT', `Two reports are to be written to "${twice}".`, { hint: NAME_ANOTHER }));
  }
  if (toStdout[0] && options.format !== undefined) {
    const detail = `Standard output is to get ${toStdout[0].format} and, by --format, ${options.format}.`;
    return err(errorValue('OPTIONS_CONFLICT', detail));
  }
  return ok({ files: named.filter(({ path }) => path !== '-'), stdout: toStdout[0]?.format ?? null });
}

const NAME_ANOTHER = 'Name another file for one of them.';

function namedPlaces(options: ScanOptions): ReportFile[] {
  const single = REPORT_FILE_OPTIONS.flatMap((name) => {
    const path = options[name];
    return path === undefined ? [] : [{ format: REPORT_FILES[name], path }];
  });
  const { outputAll } = options;
  const all = outputAll === undefined ? [] : ALL.map(([format, ending]) => ({ format, path: outputAll + ending }));
  return [...single, ...all];
}

/** nmap's conversions of file names, after strftime: scan-%F. An unknown one stays as it is written. */
export function expandTime(path: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [H, M, S] = [two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())];
  const [Y, m, d] = [String(now.getFullYear()), two(now.getMonth() + 1), two(now.getDate())];
  const values: Readonly<Record<string, string>> = {
    ...{ H, M, S, m, d, Y, y: Y.slice(-2), '%': '%' },
    ...{ T: H + M + S, R: H + M, D: m + d + Y.slice(-2), F: `${Y}-${m}-${d}` },
  };
  return path.replace(/%(.)/g, (written, letter: string) => values[letter] ?? written);
}

/**
 * What cannot be written, found out before the first probe. A file that is not there yet is made and taken away again:
 * only that tells of full disks, read-only mounts and names that are too long.
 *
 * @param directory that of the store, which no report may overwrite
 */
export async function checkReportFiles(
  files: readonly ReportFile[],
  directory: string,
): Promise<readonly ErrorValue[]> {
  const errors = await Promise.all(files.map(({ path }) => checkReportFile(path, directory)));
  return errors.flatMap((each) => each ?? []);
}

async function checkReportFile(path: string, directory: string): Promise<ErrorValue | undefined> {
  const before = statOf(path);
  if (isOfStore(path, before, directory)) {
    return errorValue('OUTPUT_UNWRITABLE', `"${path}" is where scans are kept.`, { hint: 'Name another file.' });
  }
  // Opening a pipe would wait for its reader.
  if (before && !before.isFile() && !before.isDirectory()) return undefined;
  try {
    await (await open(path, 'a')).close();
    if (!before) await unlink(realpathSync(path));
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
}

function isOfStore(path: string, stats: Stats | undefined, directory: string): boolean {
  return ['', '-wal', '-shm', '-journal'].some((ending) => {
    const own = join(directory, STORE_FILE + ending);
    const ofOwn = statOf(own);
    const isSame = stats && ofOwn && stats.ino === ofOwn.ino && stats.dev === ofOwn.dev;
    return isSame || resolve(path) === resolve(own);
  });
}

/** Undefined for what is not there, or cannot even be looked at: then opening it says why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function unwritable(path: string, error: unknown): ErrorValue {
  const why = error instanceof Error ? error.message : String(error);
  return errorValue('OUTPUT_UNWRITABLE', `The report could not be written to ${path}: ${why}.`);
}

/**
 * Writes the report to each file, reading it again for each, as a report is a stream. A file that cannot be written is
 * told, and does not keep the others from theirs.
 */
export async function writeReportFiles(
  readReport: () => Promise<Report>,
  { files, expected }: { readonly files: readonly ReportFile[]; readonly expected: Expected | null },
  options: ScanOptions,
  ctx: CliContext,
): Promise<readonly ErrorValue[]> {
  const errors: ErrorValue[] = [];
  for (const { path, format } of files) {
    try {
      const pieces = formatReport(format, await readReport(), formatOptions(options, ctx, expected));
      await (options.appendOutput ? append(path, pieces) : replaceFile(path, pieces));
    } catch (error) {
      errors.push(unwritable(path, error));
    }
  }
  return errors;
}

const append = (path: string, pieces: AsyncIterable<string>): Promise<void> => writeTo(path, 'a', pieces);

/** A reader never sees half a report: it is written beside the file, and takes its place when it is whole. */
export async function replaceFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const stats = statOf(path);
  if (stats && !(stats.isFile() && (await mayWriteBeside(path)))) return writeTo(path, 'w', pieces);
  const target = stats ? realpathSync(path) : path;
  const part = `${target}.${process.pid}.part`;
  try {
    await writeTo(part, 'wx', pieces, stats?.mode);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const mayWriteBeside = (path: string): Promise<boolean> =>
  access(dirname(realpathSync(path)), constants.W_OK).then(
    () => true,
    () => false,
  );

async function writeTo(path: string, flags: string, pieces: AsyncIterable<string>, mode = 0o666): Promise<void> {
  const file = createWriteStream(path, { flags, mode });
  const failed = once(file, 'error').then(([error]) => Promise.reject(error as Error));
  const written = (async () => {
    for await (const piece of pieces) if (!file.write(piece)) await once(file, 'drain');
    file.end();
    await once(file, 'close');
  })();
  await Promise.race([written, failed]);
  failed.catch(() => undefined);
}
