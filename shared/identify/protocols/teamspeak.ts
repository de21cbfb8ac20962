import { wordsMatcher } from './kit/words.ts';

export const teamspeak = wordsMatcher({
  name: 'teamspeak',
  source: 'TeamSpeak 3 Server Query manual',
  ports: [10_011],
  words: [{ after: null, pattern: /^TS3\n\r/, is: { product: 'TeamSpeak', info: 'version 3, Server Query' } }],
});
