import { ascii, bytes, u16, u32 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
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

export const l2tpAnswer: DatagramMatcher = {
  name: 'l2tp',
  ports: [1701],
  match({ text }) {
    // A control message of version 2; its host name is attribute 7, its vendor attribute 8.
    if (!/^[\xc8-\xcf]\x02/.test(text)) return null;
    const hostname = /[\x80\0][\s\S]\0\0\0\x07([\x20-\x7e]{1,60}?)(?=[\x80\0]|$)/.exec(text)?.[1];
    const product = /[\x80\0][\s\S]\0\0\0\x08([\x20-\x7e]{1,60}?)(?=[\x80\0]|$)/.exec(text)?.[1];
    return { name: 'l2tp', hostname, product, confidence: SURE };
  },
};
