import { textQuestion, wordsMatcher } from './kit/words.ts';

export const spamd = wordsMatcher({
  name: 'spamd',
  source: 'SpamAssassin spamd/PROTOCOL',
  ports: [783],
  question: textQuestion('spamd', 'PING SPAMC/1.5\r\n\r\n'),
  words: [
    { after: 'any', pattern: /^SPAMD\/(?:\d\.\d) \d{1,3} [^\r\n]{0,200}\r\n/, is: { product: 'SpamAssassin spamd' } },
  ],
});
