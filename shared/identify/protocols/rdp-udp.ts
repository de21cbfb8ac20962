import { bytes, u16, u32, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const SYN = 0x0001;
/** Both ways: the largest datagram that may be agreed on; the SYN itself is padded to it. */
const MTU = 1_232;

const header = bytes(u32(0xffffffff), u16(64), u16(SYN), u32(0x70666c31), u16(MTU), u16(MTU));

export const rdpUdp: Payload = {
  protocol: 'RDP over UDP',
  ports: [3389],
  source: 'MS-RDPEUDP sections 2.2.2.1, 2.2.2.5 and 3.1.5.1.1',
  asks: 'to begin a connection (SYN)',
  bytes: bytes(header, zeros(MTU - header.length)),
};
