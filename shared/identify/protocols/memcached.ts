import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { ascii, bytes, u16 } from './kit/bytes.ts';
import { type DatagramMatcher, GUESS, type Matcher, type Question, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const QUESTION: Question = { name: 'memcached', bytes: () => bytesOfLatin1('version\r\n') };

const VERSION = /^VERSION (\d[\w.-]*)\r\n/;

/** One "ERROR" for each line that it does not know, and nothing else: so it answers `INFO`. (On HTTP it hangs up.) */
const ERRORS = /^(?:ERROR\r\n)+$/;

export const memcached: Matcher = {
  name: 'memcached',
  source: 'memcached doc/protocol.txt, version',
  ports: [11_211],
  tlsPorts: [],
  question: QUESTION,
  match({ text, asked }) {
    const version = VERSION.exec(text)?.[1];
    if (version !== undefined && asked === 'memcached') {
      return { name: 'memcached', product: 'memcached', version, confidence: SURE };
    }
    if (asked === null || !ERRORS.test(text)) return null;
    return { name: 'memcached', confidence: GUESS, next: QUESTION };
  },
};

export const memcachedPayload: Payload = {
  protocol: 'memcached',
  ports: [11_211],
  source: 'memcached doc/protocol.txt, "UDP protocol"',
  asks: 'its version',
  // request id, datagram 0 of 1, reserved
  bytes: bytes(u16(0x7066), u16(0), u16(1), u16(0), ascii('version\r\n')),
};

/** The same answer behind a header of eight bytes, with our request's number. */
export const memcachedAnswer: DatagramMatcher = {
  name: 'memcached',
  ports: [11_211],
  match({ text }) {
    const version = text.startsWith('pf') ? VERSION.exec(text.slice(8))?.[1] : undefined;
    return version === undefined ? null : { name: 'memcached', product: 'memcached', version, confidence: SURE };
  },
};
