import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
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
