import { EHLO, EXTENSIONS, HELP, LIKELY, type Matcher, SURE } from './kit/matcher.ts';

/** Twisted's own, which names neither itself nor its protocol. */
const TWISTED = /\bNO UCE NO UBE NO RELAY PROBES\b/;

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
  /\b(Python SMTP(?: proxy)?|aiosmtpd) (\d[\w.+]*)/,
  /\bE?SMTP (?!MAIL|[Ss]erver|[Ss]ervice)([A-Za-z][\w-]{2,30}) (\d+\.\d[\w.-]{0,20})/,
  /\b(MailEnable|MDaemon|Exchange|Zimbra|James|MailHog|Mailpit|Lotus Domino|IceWarp)\b[^\d]{0,30}(\d[\w.]*)?/,
];

/** In the answer to HELP, or in the complaint about it. */
const COMMANDS = /^(?:214|211|250|50\d)[\s\S]{0,600}\b(?:EHLO|HELO|RCPT)\b/i;

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
    // A greeting without a word of SMTP may be that of anything: the commands that it has tell.
    if (asked === HELP.name) return COMMANDS.test(text) ? { name: 'smtp', confidence: LIKELY } : null;
    if (asked === EHLO.name) return EXTENSIONS.test(text) ? { name: 'smtp', confidence: LIKELY } : null;
    const [, code, words = ''] = asked === null ? (GREETING.exec(text) ?? []) : [];
    if (code === undefined || /\b(?:FTP|LMTP)\b/i.test(words)) return null;
    const hostname = /^([\w.-]{1,100}\.[\w-]{1,60}|localhost)\b/.exec(words)?.[1];
    for (const pattern of PRODUCTS) {
      const [found, product, version] = pattern.exec(words) ?? [];
      if (found !== undefined) return { name: 'smtp', product, version, hostname, os: osIn(words), confidence: SURE };
    }
    if (TWISTED.test(words)) return { name: 'smtp', product: 'Twisted', hostname, confidence: SURE };
    return /\bE?SMTP\b/i.test(words) ? { name: 'smtp', info: words, hostname, confidence: LIKELY } : null;
  },
};

/** Postfix and Exim of the distributions name them in brackets. */
const osIn = (words: string): string | undefined => /\((Debian|Ubuntu|Raspbian)(?:\/GNU)?\)/.exec(words)?.[1];
