import { ascii, bytes, u16, u32 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const MAGIC_COOKIE = 0x2112a442;

export const stunPayload: Payload = {
  protocol: 'STUN',
  ports: [3478, 3479],
  source: 'RFC 8489 section 5',
  asks: 'from where it is reached (Binding)',
  bytes: bytes(u16(1), u16(0), u32(MAGIC_COOKIE), ascii('portfleet123')),
};
