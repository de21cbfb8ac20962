import { textQuestion, wordsMatcher } from './kit/words.ts';

const VERSION = textQuestion('nut', 'VER\n');

export const nut = wordsMatcher({
  name: 'nut',
  source: 'Network UPS Tools developer guide, network protocol; STARTTLS: RFC 9271, section 4.2.11',
  ports: [3493],
  question: VERSION,
  startTls: [{ say: 'STARTTLS\n', ready: /^OK STARTTLS/ }],
  words: [
    {
      after: 'nut',
      pattern: /^Network UPS Tools upsd (?<version>\d[\w.]{0,20})/,
      is: { product: 'Network UPS Tools upsd' },
    },
    {
      after: 'any',
      pattern: /^ERR (?:INVALID-ARGUMENT|UNKNOWN-COMMAND)\n/,
      is: { product: 'Network UPS Tools upsd', next: VERSION },
    },
  ],
});
