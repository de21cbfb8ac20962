import { LIKELY, type Matcher, SURE } from './kit/matcher.ts';

/** IAC and WILL, WONT, DO or DONT with an option (RFC 854), as every server that negotiates begins. */
const NEGOTIATION = /^\xff[\xfb-\xfe][\x00-\x31\xff]/;

const NEGOTIATIONS = /\xff[\xfb-\xfe][\s\S]/g;

/** A server that does not negotiate shows its prompt at once. */
const PROMPT = /(?:login|username|password): ?$/i;

export const telnet: Matcher = {
  name: 'telnet',
  source: 'RFC 854',
  ports: [23, 2323],
  tlsPorts: [992],
  question: null,
  match({ text, asked }) {
    if (asked !== null) return null;
    const negotiates = NEGOTIATION.test(text);
    if (!negotiates && !PROMPT.test(text.slice(-32))) return null;
    const words = text.replace(NEGOTIATIONS, '').trim();
    return { name: 'telnet', info: words === '' ? undefined : words, confidence: negotiates ? SURE : LIKELY };
  },
};
