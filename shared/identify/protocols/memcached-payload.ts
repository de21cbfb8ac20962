import { ascii, bytes, u16 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const memcached: Payload = {
  protocol: 'memcached',
  ports: [11_211],
  source: 'memcached doc/protocol.txt, "UDP protocol"',
  asks: 'its version',
  // request id, datagram 0 of 1, reserved
  bytes: bytes(u16(0x7066), u16(0), u16(1), u16(0), ascii('version\r\n')),
};
