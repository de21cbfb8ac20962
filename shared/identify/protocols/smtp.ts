import { GUESS, LIKELY, type Matcher, SURE } from './kit/matcher.ts';

/** The greeting: 220, or 421 and 554 where the server will not talk to us (RFC 5321 sections 3.1 and 4.3.2). */
const GREETING = /^(220|421|554)[ -]([^\r\n]{0,500})/;

const PRODUCTS: readonly RegExp[] = [
  /\b(Exim) (\d[\w.]*)/,
  /\b(Postfix)\b/,
  /\b(Sendmail) (\d[\w./]*)/,
  /\b(OpenSMTPD)\b/,
  /\b(Haraka)[ /]?(\d[\w.]*)?/,
  /\b(Microsoft) ESMTP MAIL Service(?:, Version: (\d[\d.]*))?/,
  /\b(hMailServer)\b/,
  /\b(qmail)\b/i,
];

export const smtp: Matcher = {
  name: 'smtp',
  source: 'RFC 5321, section 4.2; STARTTLS: RFC 3207',
  ports: [25, 587, 2525],
  tlsPorts: [465],
  question: null,
  startTls: [
    { say: null, ready: /^220[ -]/ },
    { say: 'EHLO portfleet.invalid\r\n', ready: /^250[ -]STARTTLS\b/im },
    { say: 'STARTTLS\r\n', ready: /^220[ -]/ },
  ],
  match({ text, asked }) {
    const [, code, words = ''] = asked === null ? (GREETING.exec(text) ?? []) : [];
    if (code === undefined) return null;
    for (const pattern of PRODUCTS) {
      const [found, product, version] = pattern.exec(words) ?? [];
      // The greeting begins with the name of the host (RFC 5321 section 4.2); the rest we have, or it is the date.
      if (found !== undefined)
        return { name: 'smtp', product, version, info: words.split(' ', 1)[0], confidence: SURE };
    }
    // An FTP server greets with 220 too; one that says neither is told apart by its port.
    const confidence = /\bE?SMTP\b/i.test(words) ? LIKELY : GUESS;
    return /\bFTP\b/i.test(words) ? null : { name: 'smtp', info: words, confidence };
  },
};
