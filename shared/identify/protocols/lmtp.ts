import { EXTENSIONS, LIKELY } from './kit/matcher.ts';
import { wordsMatcher } from './kit/words.ts';

export const lmtp = wordsMatcher({
  name: 'lmtp',
  source: 'RFC 2033, section 4.1',
  ports: [24],
  words: [
    { after: 'lhlo', pattern: EXTENSIONS, is: { confidence: LIKELY } },
    {
      after: null,
      pattern: /^220 (?<hostname>[\w.-]{1,100}) LMTP (?<product>Postfix|Dovecot|Cyrus)?[^\r\n]{0,100}\r\n/,
    },
    {
      after: null,
      pattern: /^220 (?<hostname>[\w.-]{1,100}) Cyrus LMTP v?(?<version>\d[\w.]{0,20})/,
      is: { product: 'Cyrus' },
    },
  ],
});
