import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { GUESS, type Matcher, type Question, SURE } from './kit/matcher.ts';

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
