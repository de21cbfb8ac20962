import { wordsMatcher } from './kit/words.ts';

export const freeswitch = wordsMatcher({
  name: 'freeswitch-event',
  source: 'FreeSWITCH event socket, "auth/request"',
  ports: [8021],
  words: [
    { after: null, pattern: /^Content-Type: auth\/request\n\n/, is: { product: 'FreeSWITCH' } },
    {
      after: null,
      pattern: /^Content-Type: text\/rude-rejection\n/,
      is: { product: 'FreeSWITCH', info: 'access denied by ACL' },
    },
  ],
});
