import { wordsMatcher } from './kit/words.ts';

export const twemproxy = wordsMatcher({
  name: 'twemproxy-stats',
  source: 'twemproxy README, "Observability"',
  ports: [22_222],
  words: [
    {
      after: null,
      pattern:
        /^\{"service": ?"nutcracker", ?"source": ?"(?<hostname>[\w.-]{1,100})", ?"version": ?"(?<version>\d[\w.]{0,20})"/,
      is: { product: 'twemproxy' },
    },
  ],
});
