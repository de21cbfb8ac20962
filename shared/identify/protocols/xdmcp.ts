import { bytes, u16 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const xdmcpPayload: Payload = {
  protocol: 'XDMCP',
  ports: [177],
  source: 'X Display Manager Control Protocol 1.1 section 5, Query',
  asks: 'whether it manages displays',
  // version 1, Query, one byte follows: no authentication names
  bytes: bytes(u16(1), u16(2), u16(1), [0]),
};
