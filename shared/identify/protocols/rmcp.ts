import { bytes, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
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

/** Presence pong (40), or the answer to Get Channel Authentication Capabilities (38 hex) in an IPMI session 0. */
export const rmcpAnswer: DatagramMatcher = {
  name: 'asf-rmcp',
  ports: [623, 664],
  match({ bytes, text }) {
    if (
      /^\x06\0\xff\x07\0{9}[\s\S]{4}\x1c\x63[\s\S]{4}\x38\0/.test(text) ||
      /^\x06\0\xff\x07[\s\S]{10,20}\x63[\s\S]{0,4}\x38\0/.test(text)
    ) {
      const at = text.indexOf('\x38\0');
      const [kinds = 0, status = 0, extended = 0] = bytes.subarray(at + 3);
      const marks = [
        extended & 2 ? 'IPMI 2.0' : 'IPMI 1.5',
        kinds & 1 ? 'authentication none' : '',
        status & 1 ? 'anonymous login' : '',
        status & 2 ? 'null users' : '',
      ];
      return {
        name: 'ipmi',
        info: marks.filter(Boolean).join('; '),
        deviceType: 'remote management',
        confidence: SURE,
      };
    }
    return /^\x06\0[\s\S]\x06\0\0\x11\xbe\x40/.test(text) ? { name: 'asf-rmcp', confidence: SURE } : null;
  },
};
