import { textQuestion, wordsMatcher } from './kit/words.ts';

const VERSION = textQuestion('gearman', 'version\n');

export const gearman = wordsMatcher({
  name: 'gearman',
  source: 'Gearman protocol, administrative protocol',
  ports: [4730],
  question: VERSION,
  words: [
    {
      after: 'gearman',
      pattern: /^(?:OK )?(?<version>\d+\.\d[\w.]{0,20})\S{0,20}\n$/,
      is: { product: 'Gearman job server' },
    },
    {
      after: 'any',
      pattern: /^ERR UNKNOWN_COMMAND Unknown\+server\+command/i,
      is: { product: 'Gearman job server', next: VERSION },
    },
  ],
});
