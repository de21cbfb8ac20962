import { textQuestion, wordsMatcher } from './kit/words.ts';

/** Asks for the state of a queue that is not there. Nothing is printed. */
export const lpd = wordsMatcher({
  name: 'printer',
  source: 'RFC 1179, section 5.3 (short queue state)',
  ports: [515],
  question: textQuestion('lpd', '\x03portfleet\n'),
  words: [
    { after: 'lpd', pattern: /^(?:lpd(?:sched)?|LPD|[\w.-]{1,60}: lpd): [^\r\n]{1,200}/ },
    {
      after: 'lpd',
      pattern: /^[^\r\n]{0,100}(?:no entries|unknown printer|Unknown queue|line printer access|Printer: |queue)/i,
    },
  ],
});
