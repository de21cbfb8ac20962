import { wordsMatcher } from './kit/words.ts';

export const ica = wordsMatcher({
  name: 'citrix-ica',
  source: 'Citrix ICA, the greeting that a session begins with (seen since MetaFrame)',
  ports: [1494],
  words: [{ after: null, pattern: /^\x7f\x7fICA\0/, is: { product: 'Citrix ICA' } }],
});
