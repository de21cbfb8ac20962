import { textQuestion, wordsMatcher } from './kit/words.ts';

/** `stats` is answered to everybody; beanstalkd 1 to 1.13 put the version first or third. */
const STATS = textQuestion('beanstalkd', 'stats\r\n');

export const beanstalkd = wordsMatcher({
  name: 'beanstalkd',
  source: 'beanstalkd doc/protocol.txt, errors and stats',
  ports: [11_300],
  question: STATS,
  words: [
    {
      after: 'beanstalkd',
      pattern: /^OK \d{1,6}\r\n---\n(?=[\s\S]{0,1500}?\nversion: "?(?<version>\d[\w.+-]{0,30}))/,
      is: { product: 'beanstalkd' },
    },
    { after: 'any', pattern: /^(?:UNKNOWN_COMMAND\r\n){2,}/, is: { product: 'beanstalkd', next: STATS } },
  ],
});
