import { textQuestion, wordsMatcher } from './kit/words.ts';

export const gopher = wordsMatcher({
  name: 'gopher',
  source: 'RFC 1436, section 3.8',
  ports: [70],
  question: textQuestion('gopher', '\r\n'),
  words: [
    {
      after: 'gopher',
      pattern: /^(?:[0-9+TgIhis][^\t\r\n]{0,200}\t[^\t\r\n]{0,200}\t[^\t\r\n]{1,100}\t\d{1,5}[^\r\n]{0,10}\r\n)+/,
    },
  ],
});
