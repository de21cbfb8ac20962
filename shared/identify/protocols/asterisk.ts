import { wordsMatcher } from './kit/words.ts';

export const asterisk = wordsMatcher({
  name: 'asterisk',
  source: 'Asterisk Manager Interface, the greeting',
  ports: [5038],
  tlsPorts: [5039],
  words: [{ after: null, pattern: /^Asterisk Call Manager\/(?<info>\d[\w.]{0,20})\r\n/, is: { product: 'Asterisk' } }],
});
