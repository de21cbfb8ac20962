import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/**
 * A version message on the main network: protocol 70015, no services, time 0, no addresses, an empty user agent. Its
 * checksum is the first four bytes of SHA-256 taken twice; the message never changes, so it stands here whole.
 */
const VERSION =
  'f9beb4d976657273696f6e000000000056000000e907095b7f1101000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000706f7274666c6574000000000000';

export const bitcoin: Matcher = {
  name: 'bitcoin',
  source: 'Bitcoin developer reference, P2P network: message headers and version',
  ports: [8333],
  tlsPorts: [],
  question: { name: 'bitcoin', bytes: () => bytesOfHex(VERSION) },
  match({ text, asked }) {
    if (asked !== 'bitcoin' || !/^\xf9\xbe\xb4\xd9version\0{5}/.test(text)) return null;
    const [, product, version] = /\/([A-Za-z][\w .-]{0,40}):(\d[\w.]{0,20})/.exec(text) ?? [];
    return { name: 'bitcoin', product, version, confidence: SURE };
  },
};
