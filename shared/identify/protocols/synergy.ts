import { wordsMatcher } from './kit/words.ts';

export const synergy = wordsMatcher({
  name: 'synergy',
  source: 'Synergy protocol (protocol_types.h), kMsgHello',
  ports: [24_800],
  words: [
    { after: null, pattern: /^\0\0\0[\x0b-\x0f](?<product>Synergy|Barrier|Deskflow|DESKFLOW|InputLeap)\0[\x01\x02]/ },
  ],
});
