import type { ErrorValue, Place } from '../shared/domain/errors.ts';
import { printable } from '../shared/report/formats/printable.ts';

/** How much of a long text is shown around the place. */
const AROUND = 30;

/**
 * The error for a person: what is wrong, the place in his own words with the very part underlined, and the hint.
 *
 *   portfleet: "70000" is not a port: ports go from 0 to 65535.
 *     --ports 22,70000
 *                ^^^^^
 *     Write the lower port first.
 */
export function errorText({ detail, hint, at }: ErrorValue): string {
  const place = at ? placeLines(at) : [];
  return [`portfleet: ${detail}`, ...place, `  ${hint}`].map((line) => `${line}\n`).join('');
}

function placeLines({ field, text, start, end }: Place): string[] {
  if (text === '') return [];
  const from = Math.max(0, start - AROUND);
  const to = Math.min(text.length, end + AROUND);
  const before = `${from > 0 ? '…' : ''}${printable(text.slice(from, start))}`;
  const part = printable(text.slice(start, end));
  const after = `${printable(text.slice(end, to))}${to < text.length ? '…' : ''}`;
  const marks = '^'.repeat(Math.max(1, part.length));
  return [`  ${field} ${before}${part}${after}`, `  ${' '.repeat(field.length + 1 + before.length)}${marks}`];
}
