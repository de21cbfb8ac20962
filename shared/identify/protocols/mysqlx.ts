import { wordsMatcher } from './kit/words.ts';

export const mysqlx = wordsMatcher({
  name: 'mysqlx',
  source: 'MySQL X Protocol, server hello (a Notice of type 5)',
  ports: [33_060],
  words: [{ after: null, pattern: /^\x05\0\0\0\x0b\x08\x05\x1a\0/, is: { product: 'MySQL X' } }],
});
