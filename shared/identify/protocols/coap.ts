import { ascii, bytes, u16 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
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

/** An acknowledgement (2) or reset (3) of our message; the resources are listed as links. */
export const coapAnswer: DatagramMatcher = {
  name: 'coap',
  ports: [5683],
  match({ text }) {
    if (!/^[\x60-\x6f\x70\x50-\x5f][\0\x41-\xa5]pf/.test(text)) return null;
    const links = [...text.matchAll(/<(\/[\x21-\x7e]{0,40}?)>/g)].map(([, path]) => path).slice(0, 5);
    return { name: 'coap', info: links.length === 0 ? undefined : links.join(', '), confidence: SURE };
  },
};
