import { wordsMatcher } from './kit/words.ts';

/** The capabilities and the message id, both in angle brackets, end the greeting of every DICT server. */
export const dict = wordsMatcher({
  name: 'dict',
  source: 'RFC 2229, section 3.1',
  ports: [2628],
  words: [
    {
      after: null,
      pattern:
        /^220 (?:(?<hostname>[\w.-]{1,100}) )?(?<product>dictd) (?<version>\d[\w.]{0,20})\S{0,20}(?: on (?<os>[^<\r\n]{1,60}?))? (?:<[^<>\r\n]{0,100}> )?<[^<>\r\n]{1,200}>\r\n/,
    },
    { after: null, pattern: /^220 [^<\r\n]{0,200}<[\w.]{1,100}> <[^<>\r\n]{1,200}>\r\n/ },
  ],
});
