import { LIKELY } from './kit/matcher.ts';
import { wordsMatcher } from './kit/words.ts';

export const nntp = wordsMatcher({
  name: 'nntp',
  source: 'RFC 3977, section 5.1; STARTTLS: RFC 4642',
  ports: [119, 433],
  tlsPorts: [563],
  startTls: [
    { say: null, ready: /^20[01] / },
    { say: 'STARTTLS\r\n', ready: /^382 / },
  ],
  words: [
    // "Help text follows": only NNTP has this code for it.
    { after: 'help', pattern: /^100 [^\r\n]{0,200}\r\n/, is: { confidence: LIKELY } },
    {
      after: null,
      pattern:
        /^20[01] (?<hostname>[\w.-]{1,100}) InterNetNews (?:NNRP |NNTP )?server (?<product>INN) (?<version>\d[\w.]{0,20})/,
    },
    {
      after: null,
      pattern:
        /^20[01] (?:(?<hostname>[\w.-]{1,100}) )?(?<product>Leafnode) NNTP [Dd]aemon, version (?<version>\d[\w.]{0,20})/,
    },
    { after: null, pattern: /^20[01] [^\r\n(]{0,100}\((?<product>sn) version (?<version>\d[\w.]{0,20})\)\r\n/ },
    {
      after: null,
      pattern:
        /^20[01] [^\r\n]{0,200}\b(?:NNTP|NNRP|InterNetNews|Usenet|newsserver|posting (?:ok|allowed|prohibited))\b/i,
    },
  ],
});
