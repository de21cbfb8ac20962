import { textQuestion, wordsMatcher } from './kit/words.ts';

export const weblogicT3 = wordsMatcher({
  name: 'weblogic-t3',
  source: 'Oracle WebLogic Server, protocol T3: the handshake',
  ports: [7001],
  tlsPorts: [7002],
  question: textQuestion('weblogic-t3', 't3 12.2.1\nAS:255\nHL:19\n\n'),
  words: [
    {
      after: 'weblogic-t3',
      pattern: /^HELO:(?<version>\d[\d.]{1,20}\d)\.(?:true|false)\n/,
      is: { product: 'Oracle WebLogic Server' },
    },
  ],
});
