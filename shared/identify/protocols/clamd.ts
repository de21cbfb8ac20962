import { textQuestion, wordsMatcher } from './kit/words.ts';

/** Commands end with NUL where they begin with z. */
const VERSION = textQuestion('clamd', 'zVERSION\0');

export const clamd = wordsMatcher({
  name: 'clamav',
  source: 'clamd(8), COMMANDS',
  ports: [3310],
  question: VERSION,
  words: [
    { after: 'clamd', pattern: /^ClamAV (?<version>\d[\w.]{0,20})[^\0\n]{0,80}[\0\n]/, is: { product: 'ClamAV' } },
    { after: 'any', pattern: /^UNKNOWN COMMAND\n$/, is: { product: 'ClamAV', next: VERSION } },
  ],
});
