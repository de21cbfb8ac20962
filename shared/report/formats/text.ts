import { presenceOf } from '../../domain/host-presence.ts';
import type { HostReport } from '../../domain/report.ts';
import { isOver } from '../../domain/scan-status.ts';
import { type FoldedHost, foldHost, foldNeighbours } from './fold.ts';
import { hostHeadline, hostNotes } from './host-words.ts';
import { alignedLines, portTable } from './port-lines.ts';
import { printable } from './printable.ts';
import type { Ending, MakeSections } from './sections.ts';
import { durationWords, importSentences, summarySentences } from './summary-words.ts';
import { clockFormat, type TimeFormat } from './time.ts';

/** For people, close to what nmap prints: a table a host, and at the end the counts, the coverage and the duration. */
export const textSections: MakeSections = ({ scan, summary }, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `\nPortfleet scan report for ${hosts}\n${body}`);
  return {
    *head() {
      yield `Portfleet ${options.version} scan ${scan.id}, submitted ${timeFormat(scan.submittedAt)}\n`;
    },
    *item(host) {
      const isForHosts = scan.plan.discovery?.kind === 'only';
      if (isForHosts) {
        const words = presenceWords(host);
        if (host.names.length > 0 || presenceOf(host).state === 'up') yield `${headline(host)}${words}`;
        else yield* quiet.hold(host.address, words);
        return;
      }
      const body = hostBody(host, foldHost(host, scan.plan.ports), timeFormat);
      if (host.findings.length > 0 || host.names.length > 0) yield* [...quiet.flush(), headline(host), ...body];
      else yield* quiet.hold(host.address, body.join(''));
    },
    *tail(ending) {
      yield* quiet.flush();
      yield '\n';
      for (const sentence of summarySentences(summary)) yield `${sentence}\n`;
      for (const sentence of importSentences(scan)) yield `${printable(sentence)}\n`;
      if (isOver(scan.status) && scan.finishedAt !== null) yield `Finished ${timeFormat(scan.finishedAt)}\n`;
      yield* endingLine(ending);
      yield `${durationWords(scan, summary)}\n`;
    },
  };
};

/** Of a scan that only looks for hosts: what its ports tell of a host, as nmap says it. */
function presenceWords(host: HostReport): string {
  const presence = presenceOf(host);
  switch (presence.state) {
    case 'up':
      return `Host is up (${presence.reason}).\n`;
    case 'down':
      return `Host is down (${presence.reason}).\n`;
    case 'silent':
      return 'Host gave no sign.\n';
    case 'unasked':
      return 'Host was not probed.\n';
    default:
      return presence satisfies never;
  }
}

const headline = (host: HostReport): string => `\nPortfleet scan report for ${printable(hostHeadline(host))}\n`;

function hostBody({ facts }: HostReport, folded: FoldedHost, timeFormat: TimeFormat): string[] {
  return [
    ...hostNotes(folded, facts).map((note) => `${printable(note)}\n`),
    ...alignedLines(portTable(folded.rows, timeFormat)),
  ];
}

function* endingLine(ending: Ending): Generator<string> {
  if (ending.kind === 'interrupted') yield 'The report was interrupted: hosts after this one are left out.\n';
  if (ending.kind === 'failed') yield `The report could not be read to its end: ${printable(ending.message)}\n`;
}
