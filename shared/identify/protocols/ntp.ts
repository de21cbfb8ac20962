import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** No leap warning, version 4, mode 3 (client). */
const VERSION_4_CLIENT = 0x23;

export const ntpPayload: Payload = {
  protocol: 'NTP',
  ports: [123],
  source: 'RFC 5905 section 7.3',
  asks: 'the time, as a client (mode 3)',
  bytes: bytes([VERSION_4_CLIENT], zeros(39), PORTFLEET_ID),
};

/** An answer of a server (mode 4) that has our transmit time as its origin. */
export const ntpAnswer: DatagramMatcher = {
  name: 'ntp',
  ports: [123],
  match({ bytes, text }) {
    const [first = 0, stratum = 0] = bytes;
    if (bytes.length < 48 || (first & 7) !== 4 || text.slice(24, 32) !== 'Portflt1') return null;
    const kind =
      stratum === 0 ? `kiss-o'-death ${text.slice(12, 16)}` : stratum === 1 ? 'primary server' : 'secondary server';
    return { name: 'ntp', info: `version ${(first >> 3) & 7}; ${kind}, stratum ${stratum}`, confidence: SURE };
  },
};
