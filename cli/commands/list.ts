import { fault } from '../../shared/domain/errors.ts';
import { formatPorts } from '../../shared/domain/port-set.ts';
import type { Scan, ScanSummary } from '../../shared/domain/scan.ts';
import { printable } from '../../shared/formats/printable.ts';
import { clockFace, type Face } from '../../shared/formats/time.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { readReport } from '../../shared/usecases/read-report.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { KeptOptions } from '../scan-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { refuse, withStation } from '../with-station.ts';

export interface ListOptions extends KeptOptions {
  readonly limit: string;
}

const HEAD = ['SCAN', 'SUBMITTED', 'STATUS', 'OPEN', 'TARGETS', 'PORTS'];

/** Targets and ports may be as long as anyone likes to write them. */
const WIDEST = 32;

/** `portfleet list`: the scans of this user, newest first. */
export async function list(options: ListOptions, around: Surroundings): Promise<ExitCode> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) {
    const at = { field: '--limit', text: options.limit, start: 0, end: options.limit.length };
    const mend = 'Write a whole number from 1 on.';
    return refuse([fault('OPTION_UNREADABLE', `"${options.limit}" is no number of scans.`, { at, mend })], around);
  }
  return withStation(options, around, async ({ store }) => {
    const { items } = await store.listScans({ limit });
    if (items.length === 0) around.stderr.write('There is no scan yet. Begin with: portfleet scan 127.0.0.1\n');
    if (items.length === 0) return EXIT.done;
    const face = clockFace(options.utc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone);
    const rows = [HEAD];
    for (const scan of items) {
      const { summary } = await readReport({ store, clock: systemClock }, scan);
      rows.push(rowOf(scan, summary, face));
    }
    around.stdout.write(tableText(rows));
    return EXIT.done;
  });
}

function rowOf(scan: Scan, summary: ScanSummary, face: Face): string[] {
  const open = (summary.settled['open/syn-ack'] ?? 0) + (summary.settled['open/udp-response'] ?? 0);
  const percent = Math.floor((1 - summary.pending / summary.planned) * 100);
  return [
    scan.id,
    face(scan.submittedAt),
    scan.status === 'running' ? `running, ${percent} %` : scan.status,
    `${open}`,
    shortened(scan.request.targets.join(' ')),
    shortened(formatPorts(scan.plan.ports)),
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
