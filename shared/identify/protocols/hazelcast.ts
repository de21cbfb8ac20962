import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/**
 * Three bytes choose the protocol, members' here; the member repeats them, and not the zero behind them, as an echo would.
 */
export const hazelcast: Matcher = {
  name: 'hazelcast',
  source: 'Hazelcast Open Binary Client Protocol and com.hazelcast.internal.nio.Protocols',
  ports: [5701, 5702, 5703],
  tlsPorts: [],
  question: textQuestion('hazelcast', 'HZC\0'),
  match: ({ text, asked }) =>
    asked === 'hazelcast' && /^HZ[CX]$/.test(text)
      ? { name: 'hazelcast', product: 'Hazelcast', confidence: SURE }
      : null,
};
