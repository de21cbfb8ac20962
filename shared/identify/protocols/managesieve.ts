import { wordsMatcher } from './kit/words.ts';

export const managesieve = wordsMatcher({
  name: 'sieve',
  source: 'RFC 5804, section 1.7; STARTTLS: section 2.2',
  ports: [4190, 2000],
  startTls: [
    { say: null, ready: /"STARTTLS"/ },
    { say: 'STARTTLS\r\n', ready: /^OK/m },
  ],
  words: [
    {
      after: null,
      pattern: /^"IMPLEMENTATION" "(?<product>Dovecot)(?: \((?<os>[A-Za-z ]{1,30})\))? ?(?<info>Pigeonhole)?/,
    },
    { after: null, pattern: /^"IMPLEMENTATION" "(?<product>[^"\d]{1,40}?)[ v-]*(?<version>\d[\w.-]{0,30})?"/ },
    { after: null, pattern: /^(?:"[A-Z]{3,20}"(?: "[^"\r\n]{0,200}")?\r\n){0,6}"SIEVE" "/ },
  ],
});
