import { printable } from './printable.ts';

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
