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
    { after: 'finger', pattern: /^(?:fingerd|finger): [^\r\n]{1,100}/ },
  ],
});
