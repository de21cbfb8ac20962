import type { HostReport } from '../domain/report.ts';
import { isOver } from '../domain/scan-status.ts';
import { foldNeighbours } from './fold-neighbours.ts';
import { type FoldedHost, foldHost, type PortGap } from './fold-ports.ts';
import type { MakeSections } from './format-options.ts';
import { alignedLines, portTable } from './port-table.ts';
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
  suspicionWords,
  thousands,
} from './words.ts';
import type { Ending } from './write-sections.ts';

/** For people, close to what nmap prints: a table a host, and at the end the counts, the coverage and the duration. */
export const textSections: MakeSections = ({ scan, summary }, options) => {
  const face = clockFace(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `\nPortfleet scan report for ${hosts}\n${body}`);
  return {
    *head() {
      yield `Portfleet ${options.version} scan ${scan.id}, submitted ${face(scan.submittedAt)}\n`;
    },
    *item(host) {
      const body = hostBody(foldHost(host, scan.plan.ports), face);
      if (host.findings.length > 0 || host.names.length > 0) yield* [...quiet.flush(), headline(host), ...body];
      else yield* quiet.hold(host.address, body.join(''));
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
      for (const suspicion of summary.suspicions) yield `${suspicionWords(suspicion)}\n`;
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
  return [...lines, ...alignedLines(portTable(rows, face))];
}

/** A scan that was cancelled leaves gaps all over the shuffled range: thousands. The JSON has every one. */
const MOST_RANGES = 40;

function gapRanges(gap: PortGap): string {
  if (gap.verdict === 'pending') return counted(gap.count, 'port');
  if (gap.ranges.length <= MOST_RANGES) return rangesText(gap);
  return `${counted(gap.count, `${gap.protocol} port`)} in ${thousands(gap.ranges.length)} ranges`;
}

function* endingLine(ending: Ending): Generator<string> {
  if (ending.kind === 'interrupted') yield 'The report was interrupted: hosts after this one are left out.\n';
  if (ending.kind === 'failed') yield `The report could not be read to its end: ${printable(ending.message)}\n`;
}
