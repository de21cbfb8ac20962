import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Since 3.5.3 `srvr` is the only one of the four-letter words that is allowed unless the operator says otherwise. */
const WORD = 'srvr';

export const zookeeper: Matcher = {
  name: 'zookeeper',
  source: 'ZooKeeper administrator\'s guide, "The Four Letter Words"',
  ports: [2181],
  tlsPorts: [2281],
  question: { name: 'zookeeper', bytes: () => bytesOfLatin1(WORD) },
  match({ text, asked }) {
    if (asked !== 'zookeeper') return null;
    const version = /^Zookeeper version: (\d[\w.]*)/i.exec(text)?.[1];
    const mode = /^Mode: (\w+)/m.exec(text)?.[1];
    const forbidden = text.startsWith(`${WORD} is not executed because it is not in the whitelist`);
    const starting = text.startsWith('This ZooKeeper instance is not currently serving requests');
    if (version === undefined && !forbidden && !starting) return null;
    return { name: 'zookeeper', product: 'Apache ZooKeeper', version, info: mode, confidence: SURE };
  },
};
