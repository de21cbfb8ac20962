import { wordsMatcher } from './kit/words.ts';

/** A scheduler or a worker of Dask, which runs code for whoever connects; it begins with what it can do (MessagePack). */
export const dask = wordsMatcher({
  name: 'dask',
  source: 'distributed comm/core.py: the handshake',
  ports: [8786],
  words: [
    {
      after: 'any',
      pattern: /^[\s\S]\0{7}[\x01-\x0f]\0{7}[\s\S]{0,40}\xabcompression[\s\S]{0,40}\xafpickle-protocol/,
      is: { product: 'Dask', info: 'runs code for whoever connects' },
    },
  ],
});
