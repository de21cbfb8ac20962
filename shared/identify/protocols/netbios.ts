import { ascii, bytes, u16 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** "*" and fifteen zero bytes, each half byte as a letter from "A" on (RFC 1001 section 14.1). */
const ANY_NAME = `CK${'A'.repeat(30)}`;

export const netbiosPayload: Payload = {
  protocol: 'NetBIOS name service',
  ports: [137],
  source: 'RFC 1002 section 4.2.17',
  asks: 'the status of the node and its names (NBSTAT)',
  bytes: bytes(
    u16(0x7066),
    u16(0),
    [0, 1, 0, 0, 0, 0, 0, 0],
    [ANY_NAME.length],
    ascii(ANY_NAME),
    [0],
    u16(0x21),
    u16(1),
  ),
};
