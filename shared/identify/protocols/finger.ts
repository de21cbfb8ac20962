import { textQuestion, wordsMatcher } from './kit/words.ts';

export const finger = wordsMatcher({
  name: 'finger',
  source: 'RFC 1288, section 2.3',
  ports: [79],
  question: textQuestion('finger', '\r\n'),
  words: [
    {
      after: 'finger',
      pattern: /^(?:\r?\n)?(?:Login +Name +(?:Tty|TTY)|No one (?:is )?logged (?:on|in)|Line +User +Host\(s\))/,
    },
    // The words of an HTTP request are taken for users.
    { after: 'any', pattern: /^finger: GET: no such user\.\r\n/ },
    { after: 'finger', pattern: /^(?:fingerd|finger): [^\r\n]{1,100}/ },
  ],
});
