import { textQuestion, wordsMatcher } from './kit/words.ts';

export const fox = wordsMatcher({
  name: 'niagara-fox',
  source: 'Niagara Fox, the hello of both sides',
  ports: [1911],
  tlsPorts: [4911],
  question: textQuestion('fox', 'fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n'),
  words: [
    {
      after: 'fox',
      pattern:
        /^fox a 0 -1 fox hello\n\{\n(?=(?:[\s\S]{0,300}?hostName=s:(?<hostname>[^\n]{1,60}))?)(?=(?:[\s\S]{0,900}?app\.version=s:(?<version>\d[\w.]{0,20}))?)(?=(?:[\s\S]{0,1200}?os\.name=s:(?<os>[^\n]{1,40}))?)/,
      is: { product: 'Tridium Niagara', deviceType: 'specialized' },
    },
  ],
});
