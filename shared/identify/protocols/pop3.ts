import { LIKELY, type Matcher, SURE } from './kit/matcher.ts';
import { remark } from './kit/remark.ts';

/** The greeting (RFC 1939 section 4). Other protocols say "+OK" when asked, but none by itself. */
const GREETING = /^\+OK\b ?([^\r\n]{0,500})/;

const PRODUCTS: readonly RegExp[] = [
  /\b(Dovecot)\b/,
  /\b(Cyrus) POP3 (?:v)?(\d[\w.]*)/,
  /\b(Qpopper) \(version (\d[\w.]*)/i,
  /\b(Microsoft Exchange)\b/,
];

export const pop3: Matcher = {
  name: 'pop3',
  source: 'RFC 1939, section 4; STLS: RFC 2595',
  ports: [110],
  tlsPorts: [995],
  question: null,
  startTls: [
    { say: null, ready: /^\+OK/ },
    { say: 'STLS\r\n', ready: /^\+OK/ },
  ],
  match({ text, asked }) {
    const [found, words = ''] = asked === null ? (GREETING.exec(text) ?? []) : [];
    if (found === undefined) return null;
    const [, product, version] = PRODUCTS.map((pattern) => pattern.exec(words)).find(Boolean) ?? [];
    return {
      name: 'pop3',
      product,
      version,
      info: product ? remark(words) : words,
      confidence: product ? SURE : LIKELY,
    };
  },
};
