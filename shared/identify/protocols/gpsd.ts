import { wordsMatcher } from './kit/words.ts';

export const gpsd = wordsMatcher({
  name: 'gpsd',
  source: 'gpsd_json(5), VERSION',
  ports: [2947],
  words: [
    { after: null, pattern: /^\{"class":"VERSION","release":"(?<version>\d[\w.~-]{0,20})/, is: { product: 'gpsd' } },
  ],
});
