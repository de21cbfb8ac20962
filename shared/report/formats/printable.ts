/**
 * What must not reach a terminal: C0 and C1 controls and DEL (escape sequences), the marks that turn the reading
 * direction (CVE-2021-42574), line separators, the byte order mark, and halves of surrogate pairs.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from the network, safe on a terminal and in XML: what cannot be shown becomes `\x1b` or `\u202e`. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escapeCode);

function escapeCode(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The printable text in one table cell of at most `width` characters; no character is cut in half. */
export function cell(text: string, width: number): string {
  // A character has at most two halves, so this is more than enough, however long the text is.
  const characters = [...printable(text.slice(0, 2 * (width + 1)))];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`;
}

/**
 * JSON in ASCII's printable half where it matters: `JSON.stringify` leaves DEL, C1 and the marks as they are, and a
 * terminal would obey them. Escaped this way, the value is the same.
 */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(UNPRINTABLE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

/** For the value of an attribute in double quotes, in XML and in HTML, and for text in HTML. */
export const xmlText = (text: string): string =>
  PLAIN.test(text)
    ? text
    : printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character as keyof typeof ENTITIES]);

/** Nearly every text of a report is a word or a number: looked at once, not searched twice. */
const PLAIN = /^[\w .,:;/|()-]*$/;

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;

/** For the inside of a comment, where `--` is not allowed and entities are not read: nmap writes `-&#45;`, so do we. */
export const xmlComment = (text: string): string => printable(text).replaceAll('--', '-&#45;');

/** ` name="value"` for each; undefined leaves an attribute out. */
export const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${xmlText(String(value))}"`))
    .join('');

/**
 * Text inside a line of Markdown (CommonMark and GitHub's additions): signs that would be marks get a backslash, and
 * those that GitHub makes links of (`@somebody`, `#1`, `http://`, `www.`) or that end a cell become character numbers.
 */
export const markdownText = (text: string): string =>
  printable(text).replace(/[\\`*_{}[\]~$]|[@#<>&|]|:(?=\/\/)|(?<=www)\./gi, (sign) =>
    /[@#:<>&|.]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
  );

/** A row of a table; the cells are Markdown already. */
export const markdownRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** The first two lines of a table. */
export const markdownHead = (titles: readonly string[]): string =>
  `${markdownRow(titles)}${markdownRow(titles.map(() => '---'))}`;
