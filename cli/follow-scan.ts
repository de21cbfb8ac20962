import { readFileSync } from 'node:fs';
import { errorValue } from '../shared/domain/errors.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { isOver } from '../shared/domain/scan-status.ts';
import { type Millis, millis } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import type { Expected } from '../shared/report/expectations/expect.ts';
import type { FormatName } from '../shared/report/formats/format.ts';
import { type CliContext, EXIT, type ExitCode } from './context.ts';
import type { Deployment, Following } from './deployment.ts';
import type { FollowOptions } from './options/command-table.ts';
import { timeFormatOf } from './output/report-output.ts';
import { makeScanView } from './output/scan-view.ts';
import { onStatusRequest } from './signals.ts';

/** How a scan is shown while it runs, apart from the user's options. */
export interface Showing {
  readonly start: Following['start'];
  readonly format: FormatName;
  readonly expected: Expected | null;
  /** --stats-every, read; null where it is not given. */
  readonly statsEvery: Millis | null;
  /** Ends the watching, not the scan. */
  readonly signal: AbortSignal;
}

/**
 * Follows a scan to its end before the user's eyes: each open port the moment it is found, a line of progress, and then
 * the report. Ctrl-C ends the watching, not the scan: what was found is printed, and how to go on.
 */
export async function followScan(
  scan: Scan,
  deployment: Deployment,
  { start, format, expected, statsEvery, signal }: Showing,
  options: FollowOptions,
  ctx: CliContext,
): Promise<{ readonly scan: Scan; readonly code: ExitCode }> {
  const view = makeScanView(scan, { format, expected }, options, ctx);
  const tellStatus = (): void => {
    view.line.clear();
    void ctx.stderr.write(`${view.line.text()}\n`);
  };
  const forget = [onStatusRequest(tellStatus), onEnter(tellStatus, ctx), onEvery(statsEvery, tellStatus)];
  try {
    const isWatched = statsEvery !== null || (ctx.stderr.isTerminal && !options.quiet);
    const looks = isWatched ? 'always' : 'on-request';
    const following = deployment.follow(scan, { ...view, start, looks, signal });
    // The first time that is written for people loads tables for 20 ms: while workers probe, not after the last verdict.
    systemClock.afterTurn(() => timeFormatOf(options)(scan.submittedAt));
    const after = await following;
    await view.finish(await deployment.readReport(after));
    if (isOver(after.status)) return { scan: after, code: codeOf(after) };
    await ctx.stderr.write(`\n${deployment.partingWords(after.id)}\n`);
    return { scan: after, code: EXIT.interrupted };
  } finally {
    view.line.clear();
    for (const each of forget) each();
  }
}

/** How a scan that is over ended, for the shell. */
function codeOf({ status }: Scan): ExitCode {
  if (status === 'complete') return EXIT.done;
  return status === 'complete-with-gaps' ? EXIT.gaps : EXIT.failed;
}

/** On a terminal, a line that is typed asks where the scan stands, as nmap's users know it. */
function onEnter(tell: () => void, ctx: CliContext): () => void {
  if (!isInForeground()) return () => {};
  const stdin = ctx.stdin();
  if (!stdin.isTTY) return () => {};
  const stopReading = (): void => {
    stdin.off('data', tell);
    stdin.pause();
  };
  // After Ctrl-Z and "bg" the terminal is the shell's: to read on would stop the process again.
  const onContinue = (): void => {
    if (!isInForeground()) stopReading();
  };
  stdin.on('data', tell);
  stdin.resume();
  process.on('SIGCONT', onContinue);
  return () => {
    process.off('SIGCONT', onContinue);
    stopReading();
  };
}

/**
 * The kernel stops a process that reads a terminal from the background. Fields 5 and 8 of its line are the process group
 * and the group that has the terminal; where nothing tells them, the terminal is left alone.
 */
function isInForeground(): boolean {
  try {
    const [, , group, , , terminalGroup] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return group === terminalGroup;
  } catch {
    return false;
  }
}

function onEvery(length: Millis | null, tell: () => void): () => void {
  if (length === null) return () => {};
  let takeBack = (): void => {};
  const arm = (): void => {
    takeBack = systemClock.after(length, () => {
      tell();
      arm();
    });
  };
  arm();
  return () => takeBack();
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, '': 1_000, s: 1_000, m: 60_000, h: 3_600_000 };

/** Oftener than ten times a second a terminal shows nothing but the status. */
const SHORTEST_PERIOD = 100;

/** What --stats-every says: 30, 30s, 500ms, 5m, 1h. */
export function parseStatsEvery(text: string | undefined): Result<Millis | null> {
  if (text === undefined) return ok(null);
  const [, digits = '', unit = ''] = /^(\d+|\d*\.\d+)(ms|s|m|h|)$/i.exec(text.trim()) ?? [];
  const length = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  if (digits !== '' && length >= SHORTEST_PERIOD) return ok(millis(length));
  const at = { field: '--stats-every', text, start: 0, end: text.length };
  const hint = 'Write a time from 100ms on, such as 30s or 5m.';
  return err(errorValue('OPTION_UNREADABLE', `--stats-every cannot be "${text}".`, { at, hint }));
}
