import { wordsMatcher } from './kit/words.ts';

/** Whoever reaches it calls methods in that process. */
export const pyro = wordsMatcher({
  name: 'pyro',
  source: 'Pyro5 protocol.py: the header of a message ("PYRO", version 501 to 511)',
  ports: [],
  words: [{ after: 'any', pattern: /^PYRO\x01[\xf5-\xff][\x01-\x06]/, is: { product: 'Pyro' } }],
});
