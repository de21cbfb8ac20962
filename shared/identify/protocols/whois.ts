import { textQuestion, wordsMatcher } from './kit/words.ts';

export const whois = wordsMatcher({
  name: 'whois',
  source: 'RFC 3912',
  ports: [43, 4343],
  question: textQuestion('whois', 'portfleet.invalid\r\n'),
  words: [
    {
      after: 'whois',
      pattern:
        /^(?:[%#] ?[^\r\n]{0,200}\r?\n|(?:No match|Not found|NOT FOUND|Domain not found|No entries|No Data Found)[^\r\n]{0,100}\r?\n)/,
    },
  ],
});
