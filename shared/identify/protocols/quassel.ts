import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Magic without features, then the protocols that we could speak: the DataStream (2), and no more (the highest bit). */
export const quassel: Matcher = {
  name: 'quassel',
  source: 'Quassel core, protocol negotiation (src/common/protocol.h)',
  ports: [4242],
  tlsPorts: [],
  question: { name: 'quassel', bytes: () => bytesOfHex('42 b3 3f 00  80 00 00 02') },
  match: ({ text, asked }) =>
    asked === 'quassel' && /^[\0-\x03]\0[\0-\x01][\x01\x02]$/.test(text)
      ? { name: 'quassel', product: 'Quassel core', confidence: SURE }
      : null,
};
