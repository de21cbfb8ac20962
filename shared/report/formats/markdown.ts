import type { Report } from '../../domain/report.ts';
import { exposureNotes } from '../exposure.ts';
import { foldHost, foldNeighbours } from './fold.ts';
import { hostHeadline, hostNotes, reverseNote, shownNames, targetsHeadline } from './host-words.ts';
import { type PortTable, portTable } from './port-lines.ts';
import { markdownHead, markdownRow, markdownText } from './printable.ts';
import type { FormatOptions, MakeSections } from './sections.ts';
import { durationWords, importSentences, summarySentences } from './summary-words.ts';
import { clockFormat } from './time.ts';

/** For an issue, a wiki or a pull request: the summary first, then a table a host. */
export const markdownSections: MakeSections = (report, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `## ${markdownText(hosts)}\n\n${body}\n`);
  return {
    *head() {
      yield* summaryLines(report, options);
    },
    *item(host) {
      const folded = foldHost(host, report.scan.plan.ports);
      const told = [
        ...reverseNote(host),
        ...hostNotes(folded, host.facts),
        ...exposureNotes(host, report.scan.plan.ports),
      ];
      const table = tableLines(portTable(folded.rows, timeFormat));
      const notes = told.map((note) => `- ${markdownText(note)}\n`).join('');
      if (host.findings.length === 0 && shownNames(host).length === 0)
        return yield* quiet.hold(host.address, [...table, notes].join(''));
      yield* quiet.flush();
      yield `## ${markdownText(hostHeadline(host))}\n\n`;
      yield* table;
      yield `${notes}\n`;
    },
    *tail(ending) {
      yield* quiet.flush();
      if (ending.kind !== 'finished') yield '**The report was not finished: hosts are missing.**\n\n';
      yield `${markdownText(durationWords(report.scan, report.summary))}\n`;
    },
  };
};

function* summaryLines({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions): Generator<string> {
  const timeFormat = clockFormat(options.timeZone);
  yield `# Port scan of ${markdownText(targetsHeadline(scan.request.targets))}\n\n`;
  yield `Scan ${scan.id} by Portfleet ${markdownText(options.version)}, submitted ${markdownText(timeFormat(scan.submittedAt))}.\n\n`;
  for (const sentence of [...summarySentences(summary), ...importSentences(scan)])
    yield `- ${markdownText(sentence)}\n`;
  yield '\n';
}

function* tableLines({ head, body }: PortTable): Generator<string> {
  if (head.length === 0) return;
  yield markdownHead(head.map(titleCase));
  for (const row of body) yield markdownRow(row.map(markdownText));
  yield '\n';
}

const titleCase = (title: string): string => `${title.charAt(0)}${title.slice(1).toLowerCase()}`;
