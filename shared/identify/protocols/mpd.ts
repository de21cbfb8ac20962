import { wordsMatcher } from './kit/words.ts';

export const mpd = wordsMatcher({
  name: 'mpd',
  source: 'Music Player Daemon protocol, "Responses": the greeting',
  ports: [6600],
  words: [{ after: null, pattern: /^OK MPD (?<version>\d[\w.]{0,20})\n/, is: { product: 'Music Player Daemon' } }],
});
