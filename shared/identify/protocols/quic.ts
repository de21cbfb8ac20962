import { bigEndian } from '../../domain/bytes.ts';
import { bytes, counted, PORTFLEET_ID, u8, u16, u32, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** Versions of this pattern are kept so that servers must answer with those they speak (RFC 9000 section 15). */
const RESERVED_VERSION = 0x1a2a3a4a;
/** Servers ignore what is smaller, so that they never send more than they were sent (RFC 9000 section 14.1). */
const SMALLEST_INITIAL = 1_200;

const connectionId = counted(u8, PORTFLEET_ID);
/** Long header, type Initial as in version 1, a packet number of one byte; no token. */
const header = bytes([0xc0], u32(RESERVED_VERSION), connectionId, connectionId, [0]);
const rest = SMALLEST_INITIAL - header.length - 2;

export const quicPayload: Payload = {
  protocol: 'QUIC',
  ports: [80, 443, 784, 853, 4433, 8443, 8853],
  source: 'RFC 9000 sections 6, 15 and 17.2.2, RFC 8999 section 5.1',
  asks: 'a version that cannot be: negotiate another',
  // the length of what follows, as a number of two bytes (RFC 9000 section 16)
  bytes: bytes(header, u16(0x4000 + rest), zeros(rest)),
};

const NAMES: Readonly<Record<number, string>> = { 1: '1', 1798521807: '2', 4278190109: 'draft 29' };

/** Version Negotiation: a long header of version 0, both connection ids, and the versions that the server speaks. */
export const quicAnswer: DatagramMatcher = {
  name: 'quic',
  ports: [80, 443, 784, 853, 4433, 8443, 8853],
  match({ bytes, text }) {
    if ((bytes[0] ?? 0) < 0x80 || bigEndian(bytes, 1, 4) !== 0) return null;
    const first = 6 + (bytes[5] ?? 0);
    const at = first + 1 + (bytes[first] ?? 0);
    if (text.slice(6, first) !== 'Portflt1') return null;
    const numbers = Array.from({ length: Math.min(10, Math.floor((bytes.length - at) / 4)) }, (_, index) =>
      bigEndian(bytes, at + 4 * index, 4),
    );
    // Some of the pattern 0x?a?a?a?a are there only to keep clients honest (section 15).
    const real = numbers.filter((number) => number !== undefined && (number & 0x0f0f0f0f) !== 0x0a0a0a0a);
    const versions = real.map((number) => NAMES[number ?? 0] ?? `0x${number?.toString(16)}`);
    return { name: 'quic', info: `versions ${versions.join(', ')}`, confidence: SURE };
  },
};
