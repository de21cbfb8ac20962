import { bigEndian } from '../../domain/bytes.ts';
import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

export const mumblePayload: Payload = {
  protocol: 'Mumble',
  ports: [64_738],
  source: 'Mumble protocol documentation, "Ping packet"',
  asks: 'its version and how many are there',
  bytes: bytes(zeros(4), PORTFLEET_ID),
};

/** In TLS a server says its version first: type 0, length, and a protobuf with the number (1), the release (2), the system (3, 4). */
const VERSION =
  /^\0\0\0\0\0[\s\S]\x08[\x80-\xff]{0,4}[\0-\x7f]\x12[\s\S](\d[\w.]{0,20})[^\x1a]{0,40}\x1a([\x01-\x30])([\x20-\x7e]{1,48})/;

/** Since 1.5 a second number, of 64 bits, stands there too. */
const LATER =
  /^\0\0\0\0\0[\s\S](?:\x08[\x80-\xff]{0,4}[\0-\x7f])?(?:\x28[\x80-\xff]{0,9}[\0-\x7f])?\x12[\s\S](\d[\w.]{0,20})/;

export const mumble: Matcher = {
  name: 'mumble',
  source: 'Mumble protocol documentation, "Version" and "Ping packet"',
  ports: [],
  tlsPorts: [64_738],
  question: null,
  match({ text, asked, tls }) {
    if (asked !== null || tls === null) return null;
    const [found, version, length = '', os] = VERSION.exec(text) ?? LATER.exec(text) ?? [];
    if (found === undefined) return null;
    return {
      name: 'mumble',
      product: 'Mumble server',
      version,
      os: os?.slice(0, length.charCodeAt(0)),
      confidence: SURE,
    };
  },
};

/** Version, our number back, users, users at most, bandwidth in bits a second. */
export const mumbleAnswer: DatagramMatcher = {
  name: 'mumble',
  ports: [64_738],
  match({ bytes, text }) {
    if (bytes.length !== 24 || text.slice(4, 12) !== 'Portflt1') return null;
    const [users, most, bandwidth] = [12, 16, 20].map((at) => bigEndian(bytes, at, 4));
    const version = `${bytes[1]}.${bytes[2]}.${bytes[3]}`;
    const info = `${users} of ${most} users; bandwidth ${bandwidth} bit/s`;
    return { name: 'mumble', product: 'Mumble server', version, info, confidence: SURE };
  },
};
