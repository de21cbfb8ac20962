import { wordsMatcher } from './kit/words.ts';

export const svn = wordsMatcher({
  name: 'svn',
  source: 'Subversion ra_svn protocol, section 2.1',
  ports: [3690],
  words: [
    {
      after: null,
      pattern: /^\( success \( \d \d \( (?:ANONYMOUS )?[^()]{0,60}\) \( [a-z -]{1,400}/,
      is: { product: 'svnserve' },
    },
  ],
});
