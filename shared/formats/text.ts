import type { HostReport } from '../domain/report.ts';
import { isOver } from '../domain/scan-status.ts';
import { serviceText } from './finding-line.ts';
import { type FoldedHost, foldHost, type PortGap, type PortRow } from './fold-ports.ts';
import type { MakeSections } from './format-options.ts';
import { printable } from './printable.ts';
import { clockFace, durationText, type Face } from './time.ts';
import {
  counted,
  coverageWords,
  gapWords,
  lossWords,
  notShownWords,
  rangesText,
  STATUS_WORDS,
  stateCounts,
  thousands,
} from './words.ts';
import type { Ending } from './write-sections.ts';

/** For people, close to what nmap prints: a table a host, and at the end the counts, the coverage and the duration. */
export const textSections: MakeSections = ({ scan, summary }, options) => {
  const face = clockFace(options.timeZone);
  const quiet = quietHosts();
  return {
    *head() {
      yield `Portfleet ${options.version} scan ${scan.id}, submitted ${face(scan.submittedAt)}\n`;
    },
    *item(host) {
      const body = hostBody(foldHost(host, scan.plan.ports), face);
      if (host.findings.length > 0 || host.names.length > 0) yield* [...quiet.flush(), headline(host), ...body];
      else yield* quiet.hold(host, body);
    },
    *tail(ending) {
      yield* quiet.flush();
      yield '\n';
      for (const { state, count, reasons } of stateCounts(summary.settled)) {
        const why = reasons.map((each) =>
          reasons.length > 1 ? `${thousands(each.count)} ${each.reason}` : each.reason,
        );
        yield `${counted(count, `${state} port`)} (${why.join(', ')})\n`;
      }
      yield `${coverageWords(summary)}\n`;
      const remarks = lossWords(summary.tally);
      if (remarks.length > 0) yield `${remarks.join('; ')}\n`;
      if (isOver(scan.status) && scan.finishedAt !== null) yield `Finished ${face(scan.finishedAt)}\n`;
      yield* endingLine(ending);
      yield `${STATUS_WORDS[scan.status]} ${durationText(summary.duration)}\n`;
    },
  };
};

function headline(host: HostReport): string {
  const names = host.names.map(printable);
  return `\nPortfleet scan report for ${names.length > 0 ? `${names.join(', ')} (${host.address})` : host.address}\n`;
}

function hostBody({ rows, folded, gaps }: FoldedHost, face: Face): string[] {
  const lines = rows.some(({ finding }) => finding) ? [] : ['No open port found.\n'];
  if (folded.length > 0) lines.push(`Not shown: ${folded.map(notShownWords).join(', ')}\n`);
  for (const gap of gaps) lines.push(`Not asked: ${gapRanges(gap)} (${gapWords(gap.verdict)})\n`);
  return [...lines, ...table(rows, face)];
}

/** A scan that was cancelled leaves gaps all over the shuffled range: thousands. The JSON has every one. */
const MOST_RANGES = 40;

function gapRanges(gap: PortGap): string {
  if (gap.verdict === 'pending') return counted(gap.count, 'port');
  if (gap.ranges.length <= MOST_RANGES) return rangesText(gap);
  return `${counted(gap.count, `${gap.protocol} port`)} in ${thousands(gap.ranges.length)} ranges`;
}

const COLUMNS = ['PORT', 'STATE', 'SERVICE', 'REASON', 'SEEN'] as const;

/** Columns that no row fills are left out. */
function table(rows: readonly PortRow[], face: Face): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => columnsOf(row, face));
  const widths = COLUMNS.map((title, column) => {
    const widest = cells.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), 0);
    return widest === 0 ? 0 : Math.max(widest, title.length);
  });
  const shown = (line: readonly string[]): string[] =>
    line.flatMap((text, column) => (widths[column] ? [text.padEnd(widths[column])] : []));
  return [COLUMNS, ...cells].map((line) => `${shown(line).join(' ').trimEnd()}\n`);
}

const columnsOf = (row: PortRow, face: Face): string[] => [
  `${row.port}/${row.protocol}`,
  row.state,
  row.finding ? serviceText(row.finding) : '',
  row.reason,
  row.finding ? face(row.finding.seenAt) : '',
];

/**
 * Neighbours without an open port that look the same become one entry: a sweep of 65,536 addresses must not drown
 * the few that answer. Only the first and last of a row of them are held.
 */
function quietHosts() {
  let held: { first: string; last: string; count: number; body: string } | undefined;
  function* flush(): Generator<string> {
    if (!held) return;
    const { first, last, count, body } = held;
    held = undefined;
    const hosts = count === 1 ? first : `${first} to ${last} (${thousands(count)} addresses, each alike)`;
    yield `\nPortfleet scan report for ${hosts}\n${body}`;
  }
  function* hold(host: HostReport, lines: readonly string[]): Generator<string> {
    const body = lines.join('');
    if (held?.body === body) {
      held = { ...held, last: host.address, count: held.count + 1 };
      return;
    }
    yield* flush();
    held = { first: host.address, last: host.address, count: 1, body };
  }
  return { flush, hold };
}

function* endingLine(ending: Ending): Generator<string> {
  if (ending.kind === 'interrupted') yield 'The report was interrupted: hosts after this one are left out.\n';
  if (ending.kind === 'failed') yield `The report could not be read to its end: ${printable(ending.message)}\n`;
}
