import { wordsMatcher } from './kit/words.ts';

export const zeromq = wordsMatcher({
  name: 'zmtp',
  source: 'ZMTP 3.1 (RFC 37), greeting; ZMTP 2.0 (RFC 15)',
  ports: [5555, 5556, 4505, 4506],
  words: [
    {
      after: null,
      pattern: /^\xff[\s\S]{8}\x7f(?:\x03[\0\x01](?<info>NULL|PLAIN|CURVE|GSSAPI)\0)?/,
      is: { product: 'ZeroMQ' },
    },
  ],
});
