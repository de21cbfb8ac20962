import { presenceOf } from '../../domain/host-presence.ts';
import type { PortSet } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { isOver } from '../../domain/scan-status.ts';
import { exposureNotes } from '../exposure.ts';
import { foldHost, foldNeighbours } from './fold.ts';
import { hostHeadline, hostNotes, reverseNote, shownNames } from './host-words.ts';
import { portTableLines, sentenceLines } from './narrow.ts';
import { printable } from './printable.ts';
import type { Ending, MakeSections } from './sections.ts';
import { durationWords, importSentences, summarySentences } from './summary-words.ts';
import { clockFormat, type TimeFormat } from './time.ts';

/** For people, close to what nmap prints: a table a host, and at the end the counts, the coverage and the duration. */
export const textSections: MakeSections = ({ scan, summary }, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const { width } = options;
  const told = (sentence: string): string => sentenceLines(sentence, width);
  const headline = (hosts: string): string => `\n${told(`Portfleet scan report for ${hosts}`)}`;
  const quiet = foldNeighbours((hosts, body) => headline(hosts) + body);
  return {
    *head() {
      const [what, when] = [
        `Portfleet ${options.version} scan ${scan.id}`,
        `submitted ${timeFormat(scan.submittedAt)}`,
      ];
      const isNarrow = width !== undefined && what.length + when.length + 2 > width;
      yield isNarrow ? told(`${what},`) + told(when) : told(`${what}, ${when}`);
    },
    *item(host) {
      const isForHosts = scan.plan.discovery?.kind === 'only';
      if (isForHosts) {
        const words = presenceWords(host);
        if (shownNames(host).length > 0 || presenceOf(host).state === 'up')
          yield `${headline(printable(hostHeadline(host)))}${words}`;
        else yield* quiet.hold(host.address, words);
        return;
      }
      const body = hostBody(host, scan.plan.ports, timeFormat, width);
      if (host.findings.length > 0 || shownNames(host).length > 0) {
        yield* quiet.flush();
        yield headline(printable(hostHeadline(host)));
        yield* body;
      } else yield* quiet.hold(host.address, [...body].join(''));
    },
    *tail(ending) {
      yield* quiet.flush();
      yield '\n';
      for (const sentence of summarySentences(summary)) yield told(sentence);
      for (const sentence of importSentences(scan)) yield told(printable(sentence));
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

function* hostBody(host: HostReport, planned: PortSet, timeFormat: TimeFormat, width?: number): Generator<string> {
  const folded = foldHost(host, planned);
  const notes = [...reverseNote(host), ...hostNotes(folded, host.facts), ...exposureNotes(host, planned)];
  for (const note of notes) yield sentenceLines(printable(note), width);
  yield* portTableLines(folded.rows, timeFormat, width);
}

function* endingLine(ending: Ending): Generator<string> {
  if (ending.kind === 'interrupted') yield 'The report was interrupted: hosts after this one are left out.\n';
  if (ending.kind === 'failed') yield `The report could not be read to its end: ${printable(ending.message)}\n`;
}
