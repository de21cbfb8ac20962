import { foldNeighbours } from '../formats/fold.ts';
import { hostHeadline } from '../formats/host-words.ts';
import { printable } from '../formats/printable.ts';
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

/** For people: `+` newly open, `-` no longer open, `~` changed; hosts without a difference are only counted. */
export const diffTextSections: MakeDiffSections = ({ before, after }, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `\n${hosts}\n${body}`);
  let tally = NOTHING_COMPARED;
  return {
    *head() {
      yield `Portfleet ${options.version} difference\nfrom ${sideWords(before, timeFormat)}\n  to ${sideWords(after, timeFormat)}\n`;
    },
    *item(item) {
      tally = addToTally(tally, item);
      if (isWholeAndSame(item)) yield* quiet.flush();
      else if (!isDifferent(item)) yield* quiet.hold(item.address, gapLines(item).join(''));
      else yield* [...quiet.flush(), hostLine(item), ...changeLines(item), ...stateLines(item), ...gapLines(item)];
    },
    *tail(ending) {
      yield* quiet.flush();
      yield '\n';
      for (const words of tallyWords(tally)) yield `${words}\n`;
      if (ending.kind === 'interrupted') yield 'The comparison was interrupted: hosts after this one are left out.\n';
      if (ending.kind === 'failed') yield `A scan could not be read to its end: ${printable(ending.message)}\n`;
    },
  };
};

const hostLine = (host: HostDiff): string => `\n${printable(hostHeadline(host))}\n`;

function changeLines(host: HostDiff): string[] {
  const presence = PRESENCE_WORDS[host.presence];
  const rows = host.changes.map(changeWords);
  const portWidth = rows.reduce((width, { port }) => Math.max(width, port.length), 0);
  const lines = rows.map(
    ({ sign, port, change, before, after }) =>
      `${sign} ${port.padEnd(portWidth)} ${`${change}:`.padEnd(15)} ${[before, after].filter((text) => text !== '').join(' → ')}\n`,
  );
  return presence === undefined ? lines : [`  ${presence}\n`, ...lines];
}

const stateLines = ({ states }: HostDiff): string[] =>
  states.map((change) => `~ ${change.before} → ${change.after}: ${stateChangePorts(change)}\n`);

const gapLines = (host: HostDiff): string[] => notComparedWords(host).map((words) => `  Not compared: ${words}\n`);
