import { textQuestion, wordsMatcher } from './kit/words.ts';

/** Commands and answers have their length before them. */
export const apcupsd = wordsMatcher({
  name: 'apcupsd',
  source: 'apcupsd manual, Network Information Server protocol',
  ports: [3551],
  question: textQuestion('apcupsd', '\0\x06status'),
  words: [
    {
      after: 'apcupsd',
      pattern:
        /^\0[\s\S]APC {6}: \d{3},\d{3},\d{4}\n[\s\S]{0,200}?HOSTNAME : (?<hostname>\S{1,60})\s{1,20}\0[\s\S]VERSION {2}: (?<version>\d[\w.]{0,20})/,
      is: { product: 'apcupsd' },
    },
    { after: 'apcupsd', pattern: /^\0[\s\S]APC {6}: \d{3},\d{3},\d{4}\n/, is: { product: 'apcupsd' } },
    { after: 'apcupsd', pattern: /^\0[\s\S]Invalid command\n/, is: { product: 'apcupsd' } },
  ],
});
