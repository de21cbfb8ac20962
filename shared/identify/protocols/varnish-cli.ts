import { wordsMatcher } from './kit/words.ts';

/** A challenge where a secret is wanted (107), else the banner (200), which has the version. */
export const varnishCli = wordsMatcher({
  name: 'varnish-cli',
  source: 'varnish-cli(7), "Authentication with -S" and the banner',
  ports: [6082],
  words: [
    {
      after: null,
      pattern: /^107 \d{1,4} +\n[a-z]{32}\n/,
      is: { product: 'Varnish Cache', info: 'authentication required' },
    },
    {
      after: null,
      pattern: /^200 \d{1,4} +\n-{20,40}\nVarnish Cache CLI[\s\S]{0,300}?(?:\nvarnish-(?<version>\d[\w.]{0,20})|\n\n)/,
      is: { product: 'Varnish Cache' },
    },
  ],
});
