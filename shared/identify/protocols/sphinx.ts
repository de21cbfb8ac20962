import { GUESS } from './kit/matcher.ts';
import { textFollowUp, wordsMatcher } from './kit/words.ts';

/** Its protocol's version, 1; an HTTP request is then refused in words. */
export const sphinx = wordsMatcher({
  name: 'sphinx',
  source: 'Sphinx 2.2 manual, native API; searchd.cpp, "invalid command"',
  ports: [9312],
  words: [
    {
      after: 'http',
      pattern: /^(?:\0\0\0\x01)?\0\x01\0\0\0\0\0[\s\S]\0\0\0[\s\S]invalid command \(code=\d{1,6}, len=/,
      is: { product: 'Sphinx' },
    },
    {
      after: 'sphinx',
      pattern: /^\0\x01\0\0\0\0\0[\s\S]\0\0\0[\s\S]invalid command \(code=/,
      is: { product: 'Sphinx' },
    },
    {
      after: null,
      pattern: /^\0\0\0\x01$/,
      is: { confidence: GUESS, next: textFollowUp('sphinx', 'GET / HTTP/1.0\r\n\r\n') },
    },
  ],
});
