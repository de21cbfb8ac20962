import { foldNeighbours } from '../formats/fold.ts';
import { hostHeadline } from '../formats/host-words.ts';
import { markdownHead, markdownRow, markdownText } from '../formats/printable.ts';
import { clockFormat } from '../formats/time.ts';
import { type HostDiff, isDifferent, isWholeAndSame } from './diff-host.ts';
import type { MakeDiffSections } from './diff-scans.ts';
import { addToTally, NOTHING_COMPARED } from './diff-scans.ts';
import {
  changeWords,
  notComparedWords,
  PRESENCE_WORDS,
  sideWords,
  stateChangePorts,
  tallyWords,
} from './diff-words.ts';

/** For an issue or a pull request: a table for each host that differs, and at the end what it comes to. */
export const diffMarkdownSections: MakeDiffSections = ({ before, after }, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `### ${markdownText(hosts)}\n\n${body}`);
  let tally = NOTHING_COMPARED;
  return {
    *head() {
      const sides = [sideWords(before, timeFormat), sideWords(after, timeFormat)].map(markdownText);
      yield `## Changes of open ports\n\nFrom ${sides.join(' to ')}.\n\n`;
    },
    *item(item) {
      tally = addToTally(tally, item);
      if (isWholeAndSame(item)) yield* quiet.flush();
      else if (!isDifferent(item)) yield* quiet.hold(item.address, listLines(item).join(''));
      else yield* [...quiet.flush(), headline(item), ...tableLines(item), ...listLines(item)];
    },
    *tail(ending) {
      yield* quiet.flush();
      for (const words of tallyWords(tally)) yield `${markdownText(words)}.  \n`;
      if (ending.kind !== 'finished') yield '\n**The comparison was not finished: hosts are missing.**\n';
    },
  };
};

const headline = (host: HostDiff): string => `### ${markdownText(hostHeadline(host))}\n\n`;

function tableLines({ changes }: HostDiff): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(changeWords).map(({ port, change, before, after }) => [port, change, before, after]);
  const head = markdownHead(['Port', 'Change', 'Before', 'After']);
  return [head, ...rows.map((row) => markdownRow(row.map(markdownText))), '\n'];
}

function listLines(host: HostDiff): string[] {
  const presence = PRESENCE_WORDS[host.presence];
  const states = host.states.map((change) => `${change.before} → ${change.after}: ${stateChangePorts(change)}`);
  const gaps = notComparedWords(host).map((words) => `not compared: ${words}`);
  const lines = [...(presence === undefined ? [] : [presence]), ...states, ...gaps];
  return lines.length === 0 ? [] : [...lines.map((line) => `- ${markdownText(line)}\n`), '\n'];
}
