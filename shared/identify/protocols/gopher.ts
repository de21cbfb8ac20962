import { LIKELY } from './kit/matcher.ts';
import { textQuestion, wordsMatcher } from './kit/words.ts';

/** A menu, line after line: a type, what is shown, and where it leads to. */
const MENU = /^(?:[0-9+TgIhis][^\t\r\n]{0,200}\t[^\t\r\n]{0,200}\t[^\t\r\n]{1,100}\t\d{1,5}[^\r\n]{0,10}\r\n)+/;

export const gopher = wordsMatcher({
  name: 'gopher',
  source: 'RFC 1436, section 3.8',
  ports: [70],
  question: textQuestion('gopher', '\r\n'),
  words: [
    {
      after: 'any',
      pattern:
        /^(?:Error: |[0-9+TgIhis][^\t\r\n]{0,200}\t)[\s\S]{0,3000}? Gophered by (?<product>Gophernicus)\/(?<version>\d[\w.]{0,20}) on /,
    },
    { after: 'gopher', pattern: MENU },
    // Nothing else answers an HTTP request with such a list.
    { after: 'any', pattern: MENU, is: { confidence: LIKELY } },
  ],
});
