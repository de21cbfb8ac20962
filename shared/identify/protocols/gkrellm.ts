import { wordsMatcher } from './kit/words.ts';

/** Asked nothing of its own: it refuses an HTTP request in words of its own. */
export const gkrellm = wordsMatcher({
  name: 'gkrellm',
  source: 'gkrellm server/main.c: "Bad connect string!"',
  ports: [],
  words: [{ after: 'any', pattern: /^<error>\nBad connect string!/, is: { product: 'GKrellM' } }],
});
