import { wordsMatcher } from './kit/words.ts';

export const cvs = wordsMatcher({
  name: 'cvspserver',
  source: 'CVS client/server protocol, "Connecting via the CVS pserver"',
  ports: [2401],
  words: [
    { after: 'any', pattern: /^cvs \[(?:pserver|server) aborted\]: bad auth protocol start: /, is: { product: 'CVS' } },
  ],
});
