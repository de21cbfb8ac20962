import { dnsQuestion } from './kit/dns-question.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** The top bit of the class asks for a unicast answer (RFC 6762 section 5.4). */
const INTERNET_UNICAST = 0x8001;

export const mdnsPayload: Payload = {
  protocol: 'mDNS',
  ports: [5353],
  source: 'RFC 6762 sections 5.4 and 6.7, RFC 6763 section 9',
  asks: 'the kinds of service that are announced',
  bytes: dnsQuestion({ id: 0, flags: 0, name: '_services._dns-sd._udp.local', type: 12, class: INTERNET_UNICAST }),
};

/** The kinds of service that the host announces: "_ipp", "_ssh". */
export const mdnsAnswer: DatagramMatcher = {
  name: 'mdns',
  ports: [5353],
  match({ text }) {
    if (!/^[\s\S]{2}[\x84-\x87]/.test(text) || !/_dns-sd/.test(text)) return null;
    const kinds = [...text.slice(12).matchAll(/[\x02-\x3f](_[a-z0-9-]{1,20})\x04_(?:tcp|udp)/g)].map(
      ([, kind]) => kind,
    );
    const info = [...new Set(kinds)].slice(0, 8).join(', ');
    return { name: 'mdns', info: info === '' ? undefined : info, confidence: SURE };
  },
};
