import { dnsQuestion } from './kit/dns-question.ts';
import type { Payload } from './kit/payload.ts';

/** Any answer will do, REFUSED too: it shows that a name server listens. */
export const dnsRoot: Payload = {
  protocol: 'DNS',
  ports: [53],
  source: 'RFC 1035 section 4.1',
  asks: 'the name servers of the root',
  bytes: dnsQuestion({ id: 0x7066, flags: 0x0100, name: '', type: 2, class: 1 }),
};

/** Name servers that only answer for their own zones may drop the question about the root, yet tell their version. */
export const dnsVersion: Payload = {
  protocol: 'DNS',
  ports: [53],
  source: 'RFC 1035 section 4.1, RFC 4892',
  asks: 'version.bind, class CHAOS',
  bytes: dnsQuestion({ id: 0x7067, flags: 0, name: 'version.bind', type: 16, class: 3 }),
};
