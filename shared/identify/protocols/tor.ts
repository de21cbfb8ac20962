import { http } from './http.ts';
import { LIKELY } from './kit/matcher.ts';
import { textQuestion, wordsMatcher } from './kit/words.ts';

/** What Tor says to an HTTP request: in the status line of the 501, which is all that it has of HTTP. */
export const torSocks = wordsMatcher({
  name: 'tor-socks',
  source: 'Tor, connection_edge.c: the page for those who take a SOCKS port for an HTTP proxy',
  ports: [9050, 9150],
  question: http.question,
  words: [
    {
      after: 'any',
      pattern: /^HTTP\/1\.0 501 Tor is not an HTTP Proxy\r\n/,
      is: { product: 'Tor', info: 'SOCKS proxy' },
    },
  ],
});

/** Version and methods are told before authentication (section 3.21). */
const PROTOCOL_INFO = textQuestion('tor-control', 'PROTOCOLINFO 1\r\n');

export const torControl = wordsMatcher({
  name: 'tor-control',
  source: 'Tor control-spec, section 3.21 (PROTOCOLINFO)',
  ports: [9051, 9151],
  question: PROTOCOL_INFO,
  words: [
    {
      after: 'tor-control',
      pattern:
        /^250-PROTOCOLINFO \d\r\n250-AUTH METHODS=(?<info>[A-Z,]{1,60})(?:[^\r\n]{0,300}\r\n250-VERSION Tor="(?<version>\d[\w.-]{0,30}))?/,
      is: { product: 'Tor' },
    },
    {
      after: 'any',
      pattern: /^HTTP\/1\.0 501 Tor ControlPort is not an HTTP proxy\r\n/i,
      is: { product: 'Tor', next: PROTOCOL_INFO },
    },
    {
      after: 'any',
      pattern: /^(?:514|510) (?:Authentication required|Unrecognized command)[^\r\n]{0,100}\r\n/,
      is: { confidence: LIKELY, next: PROTOCOL_INFO },
    },
  ],
});
