import { bytes, u16, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const DESCRIPTION_REQUEST = 0x0203;
/** Eight bytes, UDP over IPv4, address 0.0.0.0 and port 0: answer to where the question came from. */
const WHERE_WE_ARE = bytes([8, 1], zeros(6));

export const knxPayload: Payload = {
  protocol: 'KNXnet/IP',
  ports: [3671],
  source: 'KNX standard 3/8/2 (EN 13321-2), DESCRIPTION_REQUEST',
  asks: 'which device it is',
  bytes: bytes([6, 0x10], u16(DESCRIPTION_REQUEST), u16(6 + WHERE_WE_ARE.length), WHERE_WE_ARE),
};
