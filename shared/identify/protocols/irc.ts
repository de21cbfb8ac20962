import { textFollowUp, textQuestion, wordsMatcher } from './kit/words.ts';

/**
 * A server that cannot ask for the version before a client has a name says who it is in the prefix of its first words, and
 * some say what they are: BitlBee in its greeting, ngIRCd in its answer to an HTTP request.
 */
const PREFIX = String.raw`(?::(?<hostname>[\w.:-]{1,100}) )`;

/** Asked before registration; refused with 451, in words that differ from server to server. */
const VERSION = textFollowUp('irc', 'VERSION\r\n');

const next = VERSION;

export const irc = wordsMatcher({
  name: 'irc',
  source: 'RFC 2812, sections 2.3 and 3.4.3; RFC 7194',
  ports: [6665, 6666, 6667, 6668, 6669, 7000],
  tlsPorts: [6697, 9999],
  question: textQuestion('irc', 'VERSION\r\n'),
  startTls: [{ say: 'STARTTLS\r\n', ready: /^(?::\S+ )?670 /m }],
  words: [
    { after: 'any', pattern: /^:(?<hostname>[\w.:-]{1,100}) NOTICE \S+ :BitlBee/, is: { product: 'BitlBee' } },
    { after: 'any', pattern: /^ERROR :"Oops, HTTP request received\? This is IRC!"/, is: { product: 'ngIRCd' } },
    {
      after: 'irc',
      pattern: new RegExp(`^${PREFIX}351 \\S+ (?<product>[A-Za-z][\\w+]{1,30})[-_](?<version>\\d[\\w.-]{0,30})`, 'm'),
    },
    {
      after: 'irc',
      pattern: new RegExp(`^${PREFIX}451 \\* VERSION :You have not registered`, 'm'),
      is: { product: 'InspIRCd' },
    },
    {
      after: 'irc',
      pattern: new RegExp(`^${PREFIX}451 \\S+ :Connection not registered`, 'm'),
      is: { product: 'ngIRCd' },
    },
    { after: 'irc', pattern: new RegExp(`^${PREFIX}451 \\S+ :Register first`, 'm'), is: { product: 'BitlBee' } },
    { after: 'irc', pattern: new RegExp(`^${PREFIX}451 `, 'm') },
    { after: 'any', pattern: new RegExp(`^${PREFIX}(?:NOTICE (?:AUTH|\\*) :|020 \\* :)`), is: { next } },
    { after: 'any', pattern: /^NOTICE AUTH :/, is: { next } },
    { after: 'any', pattern: new RegExp(`^${PREFIX}(?:421|451) `), is: { next: VERSION } },
    { after: 'any', pattern: /^ERROR :(?:Closing Link|Trying to reconnect|Your host)[^\r\n]{0,200}/ },
  ],
});
