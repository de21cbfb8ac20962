import { wordsMatcher } from './kit/words.ts';

export const tarantool = wordsMatcher({
  name: 'tarantool',
  source: 'Tarantool binary protocol, greeting message',
  ports: [3301],
  words: [
    {
      after: null,
      pattern: /^Tarantool (?<version>\d[\w.+-]{0,40}) \((?<info>Binary|Lua console|Raw)[^)]{0,20}\)/,
      is: { product: 'Tarantool' },
    },
  ],
});
