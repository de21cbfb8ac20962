import { wordsMatcher } from './kit/words.ts';

/** "IHAVEOPT" in the newstyle handshake; a cookie in the old one, which has one export and tells its size. */
export const nbd = wordsMatcher({
  name: 'nbd',
  source: 'NBD protocol (proto.md), handshake',
  ports: [10_809],
  words: [
    { after: null, pattern: /^NBDMAGICIHAVEOPT/, is: { info: 'newstyle handshake' } },
    { after: null, pattern: /^NBDMAGIC\0\0\x42\x02\x81\x86\x12\x53/, is: { info: 'oldstyle handshake' } },
  ],
});
