import { ascii, bytes, u16, u32 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** A mandatory attribute: its length with these six bytes, vendor 0, its type, its value (RFC 2661 section 4.1). */
const attribute = (type: number, value: Uint8Array): Uint8Array =>
  bytes(u16(0x8000 + 6 + value.length), u16(0), u16(type), value);

const attributes = bytes(
  // message type: Start-Control-Connection-Request
  attribute(0, u16(1)),
  // protocol version 1.0
  attribute(2, bytes([1, 0])),
  // framing: synchronous and asynchronous
  attribute(3, u32(3)),
  attribute(7, ascii('portfleet')),
  // assigned tunnel
  attribute(9, u16(0x7066)),
);

/** A control message, with length and sequence numbers, version 2. */
const FLAGS = 0xc802;
const HEADER = 12;

export const l2tpPayload: Payload = {
  protocol: 'L2TP',
  ports: [1701],
  source: 'RFC 2661 sections 3.1, 4.4 and 6.1',
  asks: 'to begin a tunnel (SCCRQ)',
  bytes: bytes(u16(FLAGS), u16(HEADER + attributes.length), u32(0), u16(0), u16(0), attributes),
};
