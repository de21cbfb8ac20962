import { type Matcher, SURE } from './kit/matcher.ts';

/** An alert record: type 21, version 3.x, two bytes, level warning or fatal (RFC 8446 sections 5.1 and 6). */
const ALERT = /^\x15\x03[\x00-\x04]\x00\x02[\x01\x02]/;

/** A server that wanted a hello and got something else answers with an alert. */
export const tls: Matcher = {
  name: 'tls',
  source: 'RFC 8446, sections 5.1 and 6',
  ports: [],
  tlsPorts: [],
  question: null,
  match: ({ text }) => (ALERT.test(text) ? { name: 'tls', confidence: SURE, next: 'tls' } : null),
};
