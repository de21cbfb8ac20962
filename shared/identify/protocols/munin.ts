import { textFollowUp, wordsMatcher } from './kit/words.ts';

export const munin = wordsMatcher({
  name: 'munin',
  source: 'Munin network protocol, greeting and "version"',
  ports: [4949],
  words: [
    {
      after: 'munin',
      pattern: /^munins node on (?<hostname>\S{1,100}) version: (?<version>\d[\w.]{0,20})/,
      is: { product: 'Munin node' },
    },
    {
      after: null,
      pattern: /^# munin node at (?<hostname>\S{1,100})\n/,
      is: { product: 'Munin node', next: textFollowUp('munin', 'version\n') },
    },
  ],
});
