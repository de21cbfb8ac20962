import { bigEndian, bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

const API_VERSIONS = 18;
/** "fprt": what the response must repeat. */
const CORRELATION_ID = 0x66_70_72_74;

/** ApiVersions, version 0: length, api key, version, correlation id, client id. Answered before any authentication. */
const REQUEST = concatBytes(bytesOfHex('00 00 00 13 00 12 00 00 66 70 72 74 00 09'), bytesOfLatin1('portfleet'));

export const kafka: Matcher = {
  name: 'kafka',
  source: 'Apache Kafka protocol, ApiVersions',
  ports: [9092, 9093, 9094],
  tlsPorts: [],
  question: { name: 'kafka', bytes: () => REQUEST },
  match({ bytes, asked }) {
    if (asked !== 'kafka' || bigEndian(bytes, 4, 4) !== CORRELATION_ID) return null;
    const [error, count = 0] = [bigEndian(bytes, 8, 2), bigEndian(bytes, 10, 4)];
    // Each entry is an api key and its lowest and highest version; ApiVersions itself is always among them.
    const keys = Array.from({ length: Math.min(count, 500) }, (_, index) => bigEndian(bytes, 14 + 6 * index, 2));
    if (error !== 0 || !keys.includes(API_VERSIONS)) return null;
    return { name: 'kafka', info: `${count} APIs`, confidence: SURE };
  },
};
