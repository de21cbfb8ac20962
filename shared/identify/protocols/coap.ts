import { ascii, bytes, u16 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const URI_PATH = 11;
/** An option whose number is the last one's plus `delta`; both parts below 13 fit into one byte. */
const option = (delta: number, value: string): Uint8Array => bytes([(delta << 4) + value.length], ascii(value));

export const coapPayload: Payload = {
  protocol: 'CoAP',
  ports: [5683],
  source: 'RFC 7252 section 3, RFC 6690 section 4',
  asks: 'GET /.well-known/core',
  // version 1, confirmable, no token; code 0.01; message id
  bytes: bytes([0x40, 1], u16(0x7066), option(URI_PATH, '.well-known'), option(0, 'core')),
};
