import { GUESS, LIKELY, type Matcher, SURE } from './kit/matcher.ts';

/** The greeting: 220, or 421 where the server has no place left (RFC 959 section 5.4). */
const GREETING = /^(220|421)[ -]([^\r\n]{0,500})/;

const PRODUCTS: readonly RegExp[] = [
  /\((vsFTPd) (\d[\w.]*)\)/,
  /\b(ProFTPD)(?: (\d[\w.]*))?/,
  /\b(Pure-FTPd)\b/,
  /\b(FileZilla) Server (?:version )?(\d[\w.]*)?/,
  /\b(Microsoft) FTP Service/,
  /\b(pyftpdlib) (\d[\w.]*)/,
  /\bFTP server \(Version (\w+)[ -](\d[\w.]*)/,
];

export const ftp: Matcher = {
  name: 'ftp',
  source: 'RFC 959, section 5.4; AUTH TLS: RFC 4217',
  ports: [21, 2121],
  tlsPorts: [990],
  question: null,
  startTls: [
    { say: null, ready: /^220[ -]/ },
    { say: 'AUTH TLS\r\n', ready: /^234[ -]/ },
  ],
  match({ text, asked }) {
    const [, code, words = ''] = asked === null ? (GREETING.exec(text) ?? []) : [];
    if (code === undefined) return null;
    for (const pattern of PRODUCTS) {
      const [found, product, version] = pattern.exec(words) ?? [];
      if (found !== undefined) return { name: 'ftp', product, version, confidence: SURE };
    }
    const confidence = /\bFTP\b/i.test(words) ? LIKELY : GUESS;
    return /\bE?SMTP\b/i.test(words) ? null : { name: 'ftp', info: words, confidence };
  },
};
