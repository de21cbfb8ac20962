import type { ErrorValue, Place } from '../../shared/domain/errors.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';

/** How much of a long text is shown around the place, and of the place itself. */
const AROUND = 30;
const LONGEST_PART = 60;

/** A sentence quotes what the user wrote; one that is longer than this is of no help. */
const LONGEST_SENTENCE = 400;

/** More errors than this are a wrong file, not wrong lines. */
const MOST_ERRORS = 100;

/**
 * The error for a person: what is wrong, the place in his own words with the very part underlined, and the hint.
 *
 *   portfleet: "70000" is not a port: ports go from 0 to 65535.
 *     --ports 22,70000
 *                ^^^^^
 *     Write the lower port first.
 */
export function errorText({ detail, hint, at }: ErrorValue, origins: CliContext['origins'] = new Map()): string {
  const place = at ? placeLines(at) : [];
  const own = [...origins].filter(([long]) => at?.field === long || detail.split(/[\s,.]/).includes(long));
  const from = own.map(([long, origin]) => `  ${long} is set in ${printable(origin)}.`);
  return [`portfleet: ${sentence(detail)}`, ...place, `  ${sentence(hint)}`, ...from]
    .map((line) => `${line}\n`)
    .join('');
}

/** Tells every error of what the user wrote; nothing was started. */
export async function refuse(errors: readonly ErrorValue[], ctx: CliContext): Promise<ExitCode> {
  await printErrors(errors, ctx);
  return EXIT.usage;
}

export async function printErrors(errors: readonly ErrorValue[], { stderr, origins }: CliContext): Promise<void> {
  for (const each of errors.slice(0, MOST_ERRORS)) await stderr.write(errorText(each, origins));
  const more = errors.length - MOST_ERRORS;
  if (more > 0) await stderr.write(`portfleet: and ${more.toLocaleString('en')} more errors.\n`);
}

const sentence = (text: string): string =>
  printable(text.length <= LONGEST_SENTENCE ? text : `${text.slice(0, LONGEST_SENTENCE)}…`);

function placeLines({ field, text, start, end }: Place): string[] {
  if (text === '') return [];
  const shownEnd = Math.min(end, start + LONGEST_PART);
  const from = Math.max(0, start - AROUND);
  const to = Math.min(text.length, shownEnd + AROUND);
  const before = `${from > 0 ? '…' : ''}${printable(text.slice(from, start))}`;
  const part = printable(text.slice(start, shownEnd));
  const after = `${printable(text.slice(shownEnd, to))}${to < text.length ? '…' : ''}`;
  const marks = '^'.repeat(Math.max(1, part.length));
  const name = printable(field);
  return [`  ${name} ${before}${part}${after}`, `  ${' '.repeat(name.length + 1 + before.length)}${marks}`];
}
