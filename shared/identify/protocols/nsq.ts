import { textQuestion, wordsMatcher } from './kit/words.ts';

/** The magic of version 2, and IDENTIFY with an empty set of wishes: its answer has the version. */
const IDENTIFY = textQuestion('nsq', '  V2IDENTIFY\n\0\0\0\x1c{"feature_negotiation":true}');

export const nsq = wordsMatcher({
  name: 'nsq',
  source: 'NSQ TCP protocol specification, IDENTIFY and "Data Format"',
  ports: [4150],
  question: IDENTIFY,
  words: [
    {
      after: 'nsq',
      pattern: /^\0\0[\s\S]{2}\0\0\0\0\{[^}]{0,300}"version":"(?<version>\d[\w.-]{0,20})"/,
      is: { product: 'nsqd' },
    },
    { after: 'any', pattern: /^\0\0\0\x12\0\0\0\x01E_BAD_PROTOCOL/, is: { product: 'nsqd', next: IDENTIFY } },
  ],
});
