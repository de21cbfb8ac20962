import { ascii, bytes, counted, u8, u16, u24, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const VERSION_1_0 = 0xfeff;
const VERSION_1_2 = 0xfefd;

/** ECDHE and RSA with AES-GCM and AES-CBC, and the pre-shared keys that CoAP devices use (RFC 7252 section 9.1.3). */
const CIPHERS = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc009, 0xc013, 0x009c, 0x002f, 0xc0ae, 0xc0a8];

const extension = (type: number, content: Uint8Array): Uint8Array => bytes(u16(type), counted(u16, content));
const list = (...values: readonly number[]): Uint8Array => counted(u16, bytes(...values.map(u16)));

const extensions = bytes(
  // groups: X25519, P-256, P-384
  extension(10, list(29, 23, 24)),
  // points uncompressed
  extension(11, counted(u8, u8(0))),
  // signatures: ECDSA and RSA over SHA-256 and SHA-1
  extension(13, list(0x0403, 0x0401, 0x0203, 0x0201)),
);

const hello = bytes(
  u16(VERSION_1_2),
  ascii('portfleet asks whether you live.'),
  // no session, no cookie yet
  u8(0),
  u8(0),
  list(...CIPHERS),
  counted(u8, u8(0)),
  counted(u16, extensions),
);

/** Type ClientHello, whole length, message 0, one fragment from 0 on that is all of it. */
const handshake = bytes([1], u24(hello.length), u16(0), u24(0), u24(hello.length), hello);

/** A server sends a cookie (HelloVerifyRequest), or an alert; it keeps no state for either. */
export const dtlsPayload: Payload = {
  protocol: 'DTLS',
  ports: [443, 3391, 4433, 5349, 5684, 10_161],
  source: 'RFC 6347 sections 4.1 and 4.2, RFC 5246 section 7.4.1.2',
  asks: 'to begin a session (ClientHello)',
  // handshake record, epoch 0, sequence 0
  bytes: bytes([22], u16(VERSION_1_0), zeros(8), counted(u16, handshake)),
};

/** HelloVerifyRequest (a handshake of type 3), ServerHello (2) or an alert, in a record of DTLS. */
export const dtlsAnswer: DatagramMatcher = {
  name: 'dtls',
  ports: [443, 3391, 4433, 5349, 5684, 10_161],
  match: ({ text }) =>
    /^(?:\x16\xfe[\xfd\xff][\s\S]{10}[\x02\x03]|\x15\xfe[\xfd\xff][\s\S]{8}\0\x02[\x01\x02])/.test(text)
      ? { name: 'dtls', confidence: SURE }
      : null,
};
