import { wordsMatcher } from './kit/words.ts';

export const nats = wordsMatcher({
  name: 'nats',
  source: 'NATS client protocol, INFO',
  ports: [4222, 6222],
  words: [
    {
      after: null,
      pattern: /^INFO \{"server_id":"[^"]{1,100}"(?=.{0,2000}"version":"(?<version>\d[\w.-]{0,30})")/s,
      is: { product: 'NATS server' },
    },
    { after: null, pattern: /^INFO \{[^\r\n]{0,2000}"server_id"/, is: { product: 'NATS server' } },
  ],
});
