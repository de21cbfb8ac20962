import { lines } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** `rport` sends the answer back to where the question came from (RFC 3581). */
export const sip: Payload = {
  protocol: 'SIP',
  ports: [5060],
  source: 'RFC 3261 section 11, RFC 3581',
  asks: 'what it can do (OPTIONS)',
  bytes: lines(
    'OPTIONS sip:portfleet.invalid SIP/2.0',
    'Via: SIP/2.0/UDP portfleet.invalid;branch=z9hG4bKportfleet;rport',
    'Max-Forwards: 70',
    'From: <sip:portfleet@portfleet.invalid>;tag=portfleet',
    'To: <sip:portfleet@portfleet.invalid>',
    'Call-ID: portfleet@portfleet.invalid',
    'CSeq: 1 OPTIONS',
    'Contact: <sip:portfleet@portfleet.invalid>',
    'Accept: application/sdp',
    'Content-Length: 0',
  ),
};
