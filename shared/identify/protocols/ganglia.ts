import { wordsMatcher } from './kit/words.ts';

/** The whole state of a cluster, to whoever connects; its version stands behind a description of some 2 KB. */
export const ganglia = wordsMatcher({
  name: 'ganglia',
  source: 'ganglia lib/gangliaconf: the document type GANGLIA_XML',
  ports: [8649, 8651],
  words: [
    {
      after: 'any',
      pattern:
        /^<\?xml [^>]{1,100}\?>\s{0,4}<!DOCTYPE GANGLIA_XML [\s\S]{0,4000}?<GANGLIA_XML VERSION="(?<version>\d[\w.]{0,20})"/,
      is: { product: 'Ganglia' },
    },
    { after: 'any', pattern: /^<\?xml [^>]{1,100}\?>\s{0,4}<!DOCTYPE GANGLIA_XML /, is: { product: 'Ganglia' } },
  ],
});
