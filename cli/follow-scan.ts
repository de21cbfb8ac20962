import pc from 'picocolors';
import type { Station } from '../local/station.ts';
import { countCoverage } from '../shared/domain/coverage.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../shared/domain/units.ts';
import { findingLine } from '../shared/formats/finding-line.ts';
import type { FormatName } from '../shared/formats/format.ts';
import { clockFace } from '../shared/formats/time.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { plannedProbes } from '../shared/plan/split-chunks.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { makeProgressLine, type ProgressLine } from './progress-line.ts';
import { printReport } from './report-output.ts';
import type { RunOptions } from './scan-options.ts';
import { stderrLog } from './stderr-log.ts';
import type { Surroundings } from './surroundings.ts';

/** What a scan that runs in the foreground needs to be told apart from its options. */
export interface Following {
  readonly start: 'anew' | 'again';
  readonly workers: number;
  readonly format: FormatName;
}

/**
 * Runs a scan to its end before the user's eyes: each open port the moment it is found, a line of progress, and then
 * the report. Ctrl-C ends the run, not the scan: what was found is printed, and how to go on.
 */
export async function followScan(
  scan: Scan,
  station: Station,
  how: Following,
  options: RunOptions,
  around: Surroundings,
): Promise<{ readonly scan: Scan; readonly code: ExitCode }> {
  const interrupt = onInterrupt();
  const line = options.quiet
    ? makeProgressLine({ ...around.stderr, isTTY: false }, systemClock)
    : makeProgressLine(around.stderr, systemClock);
  const screen = await makeScreen(scan, station, how, options, around, line);
  try {
    const after = await station.run(scan, {
      ...how,
      workerModule: around.workerModule,
      events: screen.events,
      signal: interrupt.signal,
      log: stderrLog(around),
    });
    line.clear();
    if (how.format === 'text' && screen.lines() > 0) around.stdout.write('\n');
    await printReport(after, station.store, how.format, options, around);
    if (after.status !== 'running') return { scan: after, code: codeOf(after) };
    around.stderr.write(`\nInterrupted. Nothing found is lost; go on with: portfleet resume ${after.id}\n`);
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

/** What is drawn while the scan runs. */
async function makeScreen(
  scan: Scan,
  station: Station,
  how: Following,
  options: RunOptions,
  around: Surroundings,
  line: ProgressLine,
) {
  const live = how.format === 'text' && !options.quiet;
  const face = clockFace(options.utc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone);
  const style = { face, addresses: scan.plan.geometry.addressCount === 1 ? 'one' : 'many' } as const;
  const settledOf = how.start === 'again' ? await settledBefore(scan, station) : new Map<ChunkNumber, number>();
  const planned = plannedProbes(scan.plan.geometry);
  const found = new Set<string>();
  let settled = [...settledOf.values()].reduce((sum, count) => sum + count, 0);
  return {
    lines: () => (live ? found.size : 0),
    events: {
      onFound(findings: readonly Finding[]) {
        for (const finding of findings) {
          const key = `${finding.address} ${finding.protocol}/${finding.port}`;
          if (found.has(key)) continue;
          found.add(key);
          if (!live) continue;
          line.clear();
          around.stdout.write(
            `${around.stdout.isTTY ? pc.green(findingLine(finding, style)) : findingLine(finding, style)}\n`,
          );
        }
      },
      onProgress(chunk: ChunkNumber, count: number) {
        settled += count - (settledOf.get(chunk) ?? 0);
        settledOf.set(chunk, count);
        line.show({ settled, planned, open: found.size });
      },
    },
  };
}

async function settledBefore(scan: Scan, { store }: Station): Promise<Map<ChunkNumber, number>> {
  const settled = new Map<ChunkNumber, number>();
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    const coverage = await store.readCoverage(scan.id, chunkNumber(number));
    if (coverage) settled.set(coverage.chunk, countCoverage(coverage.runs).settled);
  }
  return settled;
}
