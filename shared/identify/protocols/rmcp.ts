import { bytes, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** Version 6 and a zero byte; sequence 0xff asks for no acknowledgement; then the class of the message. */
const header = (kind: number): readonly number[] => [6, 0, 0xff, kind];

export const rmcpPingPayload: Payload = {
  protocol: 'RMCP',
  ports: [623, 664],
  source: 'DMTF DSP0136 (ASF 2.0) section 3.2.4, presence ping',
  asks: 'presence ping',
  // class ASF, enterprise number 4542, type 0x80, tag 0, no data
  bytes: bytes(header(6), [0, 0, 0x11, 0xbe, 0x80, 0, 0, 0]),
};

/** The two's complement of the sum, so that sum and checksum make 0 (IPMI section 13.8). */
const withChecksum = (...content: readonly number[]): readonly number[] => [
  ...content,
  -content.reduce((sum, byte) => sum + byte, 0) & 0xff,
];
/** To the management controller, network function "application"; from a remote console; the command. */
const request = [...withChecksum(0x20, 0x18), ...withChecksum(0x81, 0, 0x38, 0x8e, 4)];

export const ipmiPayload: Payload = {
  protocol: 'IPMI',
  ports: [623],
  source: 'IPMI 2.0 sections 13.8 and 22.13',
  asks: 'how this channel authenticates',
  // class IPMI; no authentication, sequence 0, session 0
  bytes: bytes(header(7), zeros(9), [request.length], request),
};
