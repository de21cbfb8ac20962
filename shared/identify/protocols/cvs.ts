import { textQuestion, wordsMatcher } from './kit/words.ts';

export const cvs = wordsMatcher({
  name: 'cvspserver',
  source: 'CVS client/server protocol, "Connecting via the CVS pserver"',
  ports: [2401],
  // Anything but the request to authenticate ends the session with a complaint that names the program.
  question: textQuestion('cvspserver', 'PORTFLEET\n'),
  words: [
    { after: 'any', pattern: /^cvs \[(?:pserver|server) aborted\]: bad auth protocol start: /, is: { product: 'CVS' } },
  ],
});
