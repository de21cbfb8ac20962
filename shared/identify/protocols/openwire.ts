import { wordsMatcher } from './kit/words.ts';

export const openwire = wordsMatcher({
  name: 'openwire',
  source: 'OpenWire version 2 specification, WireFormatInfo',
  ports: [61_616],
  tlsPorts: [61_617],
  words: [
    {
      after: null,
      pattern:
        /^\0\0[\s\S]{2}\x01ActiveMQ\0\0\0[\s\S](?:(?=[\s\S]{0,600}ProviderVersion\x09\0[\x01-\x20](?<version>\d[\w.-]{0,20}))|)/,
      is: { product: 'Apache ActiveMQ' },
    },
  ],
});
