import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Four versions that we could speak, of which the server chooses one, or none (zeros). */
export const bolt: Matcher = {
  name: 'bolt',
  source: 'Neo4j Bolt protocol, handshake',
  ports: [7687],
  tlsPorts: [],
  question: {
    name: 'bolt',
    bytes: () => bytesOfHex('60 60 b0 17  00 00 04 05  00 00 00 04  00 00 00 03  00 00 00 01'),
  },
  match({ bytes, asked }) {
    const [high, low, minor, major] = bytes;
    if (asked !== 'bolt' || bytes.length !== 4 || high !== 0 || low !== 0 || (major ?? 9) > 5 || major === 0)
      return null;
    return { name: 'bolt', product: 'Neo4j', info: `Bolt ${major}.${minor}`, confidence: SURE };
  },
};
