import { LIKELY } from './kit/matcher.ts';
import { textQuestion, wordsMatcher } from './kit/words.ts';

/** A director that is not known says hello; the daemon says who it is, or that it does not know us. Length first. */
const HELLO = 'Hello Director portfleet calling\n';

export const bacula = wordsMatcher({
  name: 'bacula',
  source: 'Bacula developer guide, daemon protocol: BNET packets and the hello exchange',
  ports: [9101, 9102, 9103],
  question: textQuestion('bacula', `\0\0\0${String.fromCharCode(HELLO.length)}${HELLO}`),
  words: [
    {
      after: 'bacula',
      pattern: /^\0\0\0[\s\S]hello\.c:\d{1,5} Connection from unknown Director/,
      is: { product: 'Bacula' },
    },
    {
      after: 'bacula',
      pattern: /^\0\0\0[\s\S](?:auth cram-md5|1999 |2999 |1010 |3999 |starttls)/,
      is: { product: 'Bacula' },
    },
    { after: 'bacula', pattern: /^\xff\xff\xff[\s\S]$/, is: { product: 'Bacula', confidence: LIKELY } },
  ],
});
