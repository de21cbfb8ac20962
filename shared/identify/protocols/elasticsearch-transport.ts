import { http } from './http.ts';
import { wordsMatcher } from './kit/words.ts';

export const elasticsearchTransport = wordsMatcher({
  name: 'elasticsearch-transport',
  source: 'Elasticsearch, TcpTransport.java: what is said to HTTP clients',
  ports: [9300],
  question: http.question,
  words: [
    {
      after: 'any',
      pattern: /^(?:HTTP\/1\.[01] 400 [^\r\n]{0,40}\r\n(?:[^\r\n]{1,200}\r\n){0,6}\r\n)?This is not an? HTTP port/,
      is: { product: 'Elasticsearch' },
    },
  ],
});
