import { type Matcher, SURE } from './kit/matcher.ts';
import { remark } from './kit/remark.ts';

/** The greeting (RFC 9051 section 7.1). */
const GREETING = /^\* (?:OK|PREAUTH|BYE)\b ?([^\r\n]{0,500})/;

const PRODUCTS: readonly RegExp[] = [
  /\b(Dovecot)\b/,
  /\b(Cyrus) IMAP (?:v)?(\d[\w.]*)/,
  /\b(Courier)-IMAP\b/,
  /\b(Microsoft Exchange)\b/,
  /\b(Gimap)\b/,
];

/** Before the words may stand a list: `[CAPABILITY IMAP4rev1 …]`. */
const CAPABILITIES = /^\[[^\]]*\]\s*/;

export const imap: Matcher = {
  name: 'imap',
  source: 'RFC 9051, section 7.1; STARTTLS: section 6.2.1',
  ports: [143],
  tlsPorts: [993],
  question: null,
  startTls: [
    { say: null, ready: /^\* OK/ },
    { say: 'a STARTTLS\r\n', ready: /^a OK/im },
  ],
  match({ text }) {
    const [found, words = ''] = GREETING.exec(text) ?? [];
    if (found === undefined) return null;
    const [, product, version] = PRODUCTS.map((pattern) => pattern.exec(words)).find(Boolean) ?? [];
    return {
      name: 'imap',
      product,
      version,
      info: product ? remark(words) : words.replace(CAPABILITIES, ''),
      confidence: SURE,
    };
  },
};
