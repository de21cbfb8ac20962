import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { lines } from './kit/bytes.ts';
import { serverProduct } from './kit/http-response.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** All the headers that every request must have (RFC 3261 section 8.1.1), with addresses that lead nowhere. */
const options = (host: string): string =>
  [
    `OPTIONS sip:${host} SIP/2.0`,
    'Via: SIP/2.0/TCP portfleet.invalid;branch=z9hG4bKportfleet',
    'Max-Forwards: 0',
    `To: <sip:${host}>`,
    'From: <sip:portfleet@portfleet.invalid>;tag=1',
    'Call-ID: 1@portfleet.invalid',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');

export const sip: Matcher = {
  name: 'sip',
  source: 'RFC 3261, section 11',
  ports: [5060],
  tlsPorts: [5061],
  question: { name: 'sip', bytes: (host) => bytesOfLatin1(options(host.slice(0, 100))) },
  match: ({ text }) => response(text),
};

function response(text: string): Match | null {
  const [found, status, words] = /^SIP\/2\.0 (\d{3}) ([^\r\n]{0,80})/.exec(text) ?? [];
  if (found === undefined) return null;
  const server = /^(?:Server|User-Agent):[ \t]*([^\r\n]{1,200})/im.exec(text)?.[1];
  const { product, version, comment } = serverProduct(server);
  // Kamailio and OpenSIPS write their version into the comment: "kamailio (5.6.3 (x86_64/linux))".
  const inComment = /^(\d[\w.]*)/.exec(comment ?? '')?.[1];
  return { name: 'sip', product, version: version ?? inComment, info: `${status} ${words}`, confidence: SURE };
}

export const sipAnswer: DatagramMatcher = { name: 'sip', ports: [5060], match: ({ text }) => response(text) };

/** `rport` sends the answer back to where the question came from (RFC 3581). */
export const sipPayload: Payload = {
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
