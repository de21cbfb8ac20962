import type { PortRow } from './fold.ts';
import { alignedLines, type PortColumn, portTable, versionText } from './port-lines.ts';
import { printable } from './printable.ts';
import type { TimeFormat } from './time.ts';

/*
 * Text on a terminal of so many columns: sentences break between words, and a table leaves out what a reader misses least,
 * so that no line wraps in the middle. Where there is no terminal, nothing is left out.
 */

/** How a table is made narrower, step by step: the next one is taken while a line is too long. */
interface Step {
  readonly without: readonly PortColumn[];
  /** The time of day: the date stands in the first line of the report. */
  readonly shortTimes: boolean;
  /** What answered stands below its port. */
  readonly versionBelow: boolean;
}

const NARROWEST: Step = {
  without: ['REASON', 'VERSION', 'USUALLY', 'SEEN'],
  shortTimes: true,
  versionBelow: true,
};

const STEPS: readonly Step[] = [
  { without: [], shortTimes: false, versionBelow: false },
  { without: [], shortTimes: true, versionBelow: false },
  { without: ['REASON'], shortTimes: true, versionBelow: false },
  { without: ['REASON', 'VERSION'], shortTimes: true, versionBelow: true },
  { without: ['REASON', 'VERSION', 'USUALLY'], shortTimes: true, versionBelow: true },
  NARROWEST,
];

/** The lines of the table of ports, in so many columns. */
export function* portTableLines(
  rows: readonly PortRow[],
  timeFormat: TimeFormat,
  width = Number.POSITIVE_INFINITY,
): Generator<string, void, void> {
  if (rows.length === 0) return;
  const step = STEPS.find((each) => isNarrow(linesOf(rows, timeFormat, each, width), width)) ?? NARROWEST;
  for (const line of linesOf(rows, timeFormat, step, width)) yield cut(line, width);
}

function isNarrow(lines: Iterable<string>, width: number): boolean {
  if (width === Number.POSITIVE_INFINITY) return true;
  for (const line of lines) if (line.length - 1 > width) return false;
  return true;
}

function* linesOf(
  rows: readonly PortRow[],
  timeFormat: TimeFormat,
  step: Step,
  width: number,
): Generator<string, void, void> {
  const times: TimeFormat = step.shortTimes ? (at) => timeOfDay(timeFormat(at)) : timeFormat;
  // The head comes first.
  let at = -1;
  for (const line of alignedLines(portTable(rows, times, step.without))) {
    yield line;
    const finding = step.versionBelow ? rows[at]?.finding : undefined;
    const version = finding ? versionText(finding) : '';
    if (version !== '') yield cut(`  ${version}\n`, width);
    at += 1;
  }
}

/** "15:36:14" of "2026-11-22 15:36:14 UTC". */
export const timeOfDay = (time: string): string => /\d\d:\d\d:\d\d/.exec(time)?.[0] ?? time;

const cut = (line: string, width: number): string =>
  line.length - 1 <= width ? line : `${[...line].slice(0, width - 1).join('')}…\n`;

/** A sentence on a line of its own, and on further ones where it is too long; a word that has no room is left whole. */
export function sentenceLines(sentence: string, width = Number.POSITIVE_INFINITY): string {
  if (sentence.length <= width) return `${sentence}\n`;
  let text = '';
  let line = '';
  for (const word of printable(sentence).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      text += `${line}\n`;
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return `${text}${line}\n`;
}
