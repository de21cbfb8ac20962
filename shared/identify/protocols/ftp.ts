import { HELP, LIKELY, type Matcher, SURE } from './kit/matcher.ts';

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
  /^([A-Z][\w-]{2,30}) (\d+\.\d[\w.]{0,20}) FTP [Ss]erver/,
  /\b(Serv-U) FTP Server(?: v(\d[\w.]*))?/,
  /\b(Wing FTP Server|Gene6 FTP Server|Xlight FTP Server|CrushFTP|glFTPd|bftpd|Titan FTP Server|Cerberus FTP Server|TwistedFTP|MikroTik FTP server|NASFTPD)\b[^\d\r\n]{0,20}(\d[\w.]*)?/,
  /\b(HP ARPA FTP|FRITZ!Box[\w ]{0,20}|Brother|Canon|Lexmark|Ricoh|SHARP|JetDirect|Network Camera)\b[^\r\n]{0,40}\bFTP/i,
];

/** In the answer to HELP, or in the complaint about it. */
const COMMANDS = /^(?:214|211|50\d|530)[\s\S]{0,600}\b(?:RETR|STOR|PASV|USER and PASS)\b/i;

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
    // A greeting without a word of FTP may be that of anything: the commands that it has tell.
    if (asked === HELP.name) return COMMANDS.test(text) ? { name: 'ftp', confidence: LIKELY } : null;
    const [, code, words = ''] = asked === null ? (GREETING.exec(text) ?? []) : [];
    if (code === undefined || /\b(?:E?SMTP|LMTP)\b/i.test(words)) return null;
    for (const pattern of PRODUCTS) {
      const [found, product, version] = pattern.exec(words) ?? [];
      if (found !== undefined) return { name: 'ftp', product, version, confidence: SURE };
    }
    return /\bFTP\b|login with USER and PASS|privacy extension/i.test(words)
      ? { name: 'ftp', info: words, confidence: LIKELY }
      : null;
  },
};
