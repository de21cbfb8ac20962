import pc from 'picocolors';
import type { Finding } from '../shared/domain/finding.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { isOver } from '../shared/domain/scan-status.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { plannedProbes } from '../shared/plan/split-chunks.ts';
import type { FormatName } from '../shared/report/formats/format.ts';
import { findingLine } from '../shared/report/formats/port-lines.ts';
import type { CliContext } from './context.ts';
import type { Deployment, Following } from './deployment.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { makeProgressLine, type ProgressLine } from './progress-line.ts';
import { printReport } from './report-output.ts';
import type { FollowOptions } from './scan-options.ts';
import { timeFormatOf } from './time-zone.ts';

/** How a scan is shown while it runs, apart from the user's options. */
export interface Showing {
  readonly start: Following['start'];
  readonly format: FormatName;
}

/**
 * Follows a scan to its end before the user's eyes: each open port the moment it is found, a line of progress, and then
 * the report. Ctrl-C ends the watching, not the scan: what was found is printed, and how to go on.
 */
export async function followScan(
  scan: Scan,
  deployment: Deployment,
  { start, format }: Showing,
  options: FollowOptions,
  ctx: CliContext,
): Promise<{ readonly scan: Scan; readonly code: ExitCode }> {
  const interrupt = onInterrupt();
  const line = options.quiet
    ? makeProgressLine({ ...ctx.stderr, isTTY: false }, systemClock)
    : makeProgressLine(ctx.stderr, systemClock);
  const screen = makeScreen(scan, format, options, ctx, line);
  try {
    const after = await deployment.follow(scan, { ...screen, start, signal: interrupt.signal });
    line.clear();
    if (screen.lines() > 0) ctx.stdout.write('\n');
    await printReport(await deployment.readReport(after), format, options, ctx);
    if (isOver(after.status)) return { scan: after, code: codeOf(after) };
    ctx.stderr.write(`\n${deployment.partingWords(after.id)}\n`);
    return { scan: after, code: EXIT.interrupted };
  } finally {
    line.clear();
    interrupt.forget();
  }
}

/** How a scan that is over ended, for the shell. */
function codeOf({ status }: Scan): ExitCode {
  if (status === 'complete') return EXIT.done;
  return status === 'complete-with-gaps' ? EXIT.gaps : EXIT.failed;
}

interface Screen extends Pick<Following, 'onFound' | 'onSettled'> {
  /** Open ports printed so far. */
  readonly lines: () => number;
}

/** What is drawn while the scan runs. */
function makeScreen(
  scan: Scan,
  format: FormatName,
  options: FollowOptions,
  ctx: CliContext,
  line: ProgressLine,
): Screen {
  const live = format === 'text' && !options.quiet;
  const timeFormat = timeFormatOf(options);
  const style = { timeFormat, addresses: scan.plan.geometry.addressCount === 1 ? 'one' : 'many' } as const;
  const planned = plannedProbes(scan.plan.geometry);
  const found = new Set<string>();
  const print = (finding: Finding): void => {
    const key = `${finding.address} ${finding.protocol}/${finding.port}`;
    if (found.has(key)) return;
    found.add(key);
    if (!live) return;
    line.clear();
    const text = findingLine(finding, style);
    ctx.stdout.write(`${ctx.stdout.isTTY ? pc.green(text) : text}\n`);
  };
  return {
    lines: () => (live ? found.size : 0),
    onFound: (findings) => findings.forEach(print),
    onSettled: (settled) => line.show({ settled, planned, open: found.size }),
  };
}
