import { type Matcher, SURE } from './kit/matcher.ts';

const MONTH = '(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
const TIME = String.raw`\d{1,2}:\d\d:\d\d`;

/** One line with a date and a time, and nothing else: of inetd, xinetd, Cisco, Windows and the time servers of NIST. */
const FORMS: readonly RegExp[] = [
  new RegExp(`^\\d{1,2} ${MONTH} \\d{4} ${TIME} [A-Z]{3,5}\\r?\\n$`, 'i'),
  new RegExp(`^[A-Z]{3,9},? ${MONTH}[a-z]* +\\d{1,2},? ${TIME}(?: [A-Z]{3,5})? \\d{4}(?:-[A-Z]{3,5})?\\r?\\n$`, 'i'),
  new RegExp(`^[A-Z]{3,9}, ${MONTH}[a-z]* \\d{1,2}, \\d{4} ${TIME}(?:-[A-Z]{3,5})?\\r?\\n$`, 'i'),
  new RegExp(`^\\n?\\d{5} \\d\\d-\\d\\d-\\d\\d ${TIME} \\d\\d \\d \\d [ \\d.]{3,8} UTC\\(NIST\\) \\*`, 'i'),
  /^\d{1,2}[:.]\d\d[:.]\d\d (?:[AP]M )?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\r?\n?$/i,
];

export const daytime: Matcher = {
  name: 'daytime',
  source: 'RFC 867',
  ports: [13],
  tlsPorts: [],
  question: null,
  match: ({ text, asked }) =>
    asked === null && FORMS.some((form) => form.test(text)) ? { name: 'daytime', confidence: SURE } : null,
};
