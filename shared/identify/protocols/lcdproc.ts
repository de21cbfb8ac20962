import { textQuestion, wordsMatcher } from './kit/words.ts';

const HELLO = textQuestion('lcdproc', 'hello\n');

export const lcdproc = wordsMatcher({
  name: 'lcdproc',
  source: 'LCDproc developer guide, "The LCDproc Client Language": hello',
  ports: [13_666],
  question: HELLO,
  words: [
    {
      after: 'lcdproc',
      pattern: /^connect LCDproc (?<version>\d[\w.-]{0,20}) protocol \d/,
      is: { product: 'LCDproc' },
    },
    { after: 'any', pattern: /^huh\? Invalid command "/, is: { product: 'LCDproc', next: HELLO } },
  ],
});
