import { printable } from './printable.ts';

/** A record with its line end, CRLF as RFC 4180 has it. */
export const csvRecord = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

/**
 * Spreadsheets take a field that begins with one of these, half or full width, for a formula, and a formula can read
 * files and call servers. An apostrophe before it makes it text. Fields that already begin with apostrophes and such a
 * sign get one more, so that taking one away (`unguarded`) always gives the field back.
 */
const FORMULA = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function csvField(text: string): string {
  const clean = printable(text);
  const guarded = FORMULA.test(clean) ? `'${clean}` : clean;
  return /[",]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A field as it was printed, after a CSV reader has taken its quotes away. */
export const unguarded = (field: string): string =>
  field.startsWith("'") && FORMULA.test(field) ? field.slice(1) : field;
