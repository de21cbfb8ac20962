import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { ascii, bytes, u16, u32 } from './kit/bytes.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const MAGIC_COOKIE = 0x2112a442;

export const stunPayload: Payload = {
  protocol: 'STUN',
  ports: [3478, 3479],
  source: 'RFC 8489 section 5',
  asks: 'from where it is reached (Binding)',
  bytes: bytes(u16(1), u16(0), u32(MAGIC_COOKIE), ascii('portfleet123')),
};

/** Attribute SOFTWARE (section 14.14), which is padded to four bytes as all are. */
const SOFTWARE = 0x8022;

/** A success (0101) or error (0111) response with the cookie; FINGERPRINT and the like are passed over. */
function response(bytes: Uint8Array, text: string): Match | null {
  const type = bigEndian(bytes, 0, 2);
  if ((type !== 0x0101 && type !== 0x0111) || bigEndian(bytes, 4, 4) !== MAGIC_COOKIE) return null;
  let software = '';
  for (let at = 20; at + 4 <= bytes.length; ) {
    const length = bigEndian(bytes, at + 2, 2) ?? 0;
    if (bigEndian(bytes, at, 2) === SOFTWARE) software = text.slice(at + 4, at + 4 + length);
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  const [, product, version] = /^([A-Za-z][\w.]*(?: [A-Z][\w.]*)*?)[ /-]v?(\d[\w.]{0,20})/.exec(software) ?? [];
  return { name: 'stun', product: product ?? (software || undefined), version, confidence: SURE };
}

export const stun: Matcher = {
  name: 'stun',
  source: 'RFC 8489, sections 5, 6.2.2 and 14.14',
  ports: [3478, 3479],
  tlsPorts: [5349],
  question: { name: 'stun', bytes: () => bytesOfHex('0001 0000 2112a442 706f7274666c656574313233') },
  match: ({ bytes, text, asked }) => (asked === 'stun' ? response(bytes, text) : null),
};

export const stunAnswer: DatagramMatcher = {
  name: 'stun',
  ports: [3478, 3479],
  match: ({ bytes, text }) => response(bytes, text),
};
