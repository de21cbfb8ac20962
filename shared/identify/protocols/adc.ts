import { textQuestion, wordsMatcher } from './kit/words.ts';

export const adc = wordsMatcher({
  name: 'adc',
  source: 'ADC protocol 1.0.3, sections 5.2 and 5.3 (SUP, SID, INF)',
  ports: [1511, 2780],
  // What a client supports: a hub answers with the same and who it is, before anybody has logged in.
  question: textQuestion('adc', 'HSUP ADBASE ADTIGR\n'),
  words: [
    {
      after: 'adc',
      pattern:
        /^ISUP (?:A[DS][A-Z0-9]{4} ?){1,40}\nISID [A-Z2-7]{4}\n(?:IINF [^\n]{0,200}?\bVE(?<product>[A-Za-z+]{2,30})[/ \\s]{1,3}v?(?<version>\d[\w.-]{0,20}))?/,
    },
  ],
});
