import { textQuestion, wordsMatcher } from './kit/words.ts';

/** Asks for a connection that cannot be: from port 1 to port 1. */
export const ident = wordsMatcher({
  name: 'ident',
  source: 'RFC 1413, section 4',
  ports: [113],
  question: textQuestion('ident', '1,1\r\n'),
  words: [
    {
      after: 'ident',
      pattern: /^1 ?, ?1 ?: ?ERROR ?: ?(?<info>NO-USER|INVALID-PORT|HIDDEN-USER|UNKNOWN-ERROR|X[\w-]{1,30})\s/,
    },
    { after: 'ident', pattern: /^1 ?, ?1 ?: ?USERID ?: ?(?<os>[\w-]{1,30})/ },
  ],
});
