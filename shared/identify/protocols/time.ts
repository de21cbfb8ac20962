import { bigEndian } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Seconds from 1900, where this protocol counts from, to 1970. */
const TO_UNIX = 2_208_988_800;

/** A clock that is set at all is wrong by less than a week. */
const MOST_WRONG = 7 * 86_400;

export const time: Matcher = {
  name: 'time',
  source: 'RFC 868',
  ports: [37],
  tlsPorts: [],
  question: null,
  match({ bytes, asked, at }) {
    const seconds = bigEndian(bytes, 0, 4);
    if (asked !== null || bytes.length !== 4 || seconds === undefined) return null;
    return Math.abs(seconds - TO_UNIX - at / 1_000) < MOST_WRONG ? { name: 'time', confidence: SURE } : null;
  },
};
