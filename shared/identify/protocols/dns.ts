import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { dnsQuestion } from './kit/dns-question.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** "pf": what the answer must repeat. */
const ID = 0x70_66;

/** version.bind, TXT, CHAOS: the query by which BIND and all who came after it tell their version. */
const QUERY = `7066 0000 0001 0000 0000 0000 07 76657273696f6e 04 62696e64 00 0010 0003`;

const TEXT_RECORD = /\0\x10\0\x03[\s\S]{6}([\x01-\xff])([\x20-\x7e]{1,255})/;

const PRODUCTS: readonly (readonly [product: string, pattern: RegExp])[] = [
  ['dnsmasq', /^dnsmasq-(\d[\w.]*)/],
  ['Unbound', /^unbound (\d[\w.]*)/i],
  ['PowerDNS Recursor', /^PowerDNS Recursor (\d[\w.]*)/],
  ['PowerDNS', /^PowerDNS [A-Za-z ]*(\d[\w.]*)/],
  ['Knot DNS', /^Knot DNS (\d[\w.]*)/],
  ['NSD', /^NSD (\d[\w.]*)/],
  ['CoreDNS', /^CoreDNS-(\d[\w.]*)/],
  ['gdnsd', /^gdnsd\/(\d[\w.]*)/],
  ['YADIFA', /^yadifa (\d[\w.]*)/i],
  ['ISC BIND', /^(9\.\d+[\w.]*)/],
];

const RESPONSE = 0x80_00;

export const dns: Matcher = {
  name: 'dns',
  source: 'RFC 1035, sections 4.1 and 4.2.2; RFC 4892, section 2.1',
  ports: [53, 5353],
  tlsPorts: [853],
  // Over TCP two bytes of length go before (section 4.2.2).
  question: { name: 'dns', bytes: () => bytesOfHex(`001e ${QUERY}`) },
  match({ bytes, text, asked }) {
    const flags = bigEndian(bytes, 4, 2) ?? 0;
    if (asked !== 'dns' || bigEndian(bytes, 2, 2) !== ID || flags < RESPONSE) return null;
    return told(text.slice(2));
  },
};

/** The question, which the answer repeats, ends with type and class too: the record comes after its 30 bytes. */
function told(message: string): Match {
  const [, length = '\0', record = ''] = TEXT_RECORD.exec(message.slice(30)) ?? [];
  const words = record.slice(0, length.charCodeAt(0));
  for (const [product, pattern] of PRODUCTS) {
    const version = pattern.exec(words)?.[1];
    if (version !== undefined) return { name: 'dns', product, version, info: words, confidence: SURE };
  }
  return { name: 'dns', info: words === '' ? undefined : words, confidence: SURE };
}

/** Any answer will do, REFUSED too: it shows that a name server listens. Asked second, since the version tells more. */
export const dnsRootPayload: Payload = {
  protocol: 'DNS',
  ports: [53],
  source: 'RFC 1035 section 4.1',
  asks: 'the name servers of the root',
  bytes: dnsQuestion({ id: 0x7066, flags: 0x0100, name: '', type: 2, class: 1 }),
};

/** Name servers that only answer for their own zones may drop the question about the root, yet tell their version. */
export const dnsVersionPayload: Payload = {
  protocol: 'DNS',
  ports: [53],
  source: 'RFC 1035 section 4.1, RFC 4892',
  asks: 'version.bind, class CHAOS',
  bytes: dnsQuestion({ id: 0x7067, flags: 0, name: 'version.bind', type: 16, class: 3 }),
};

/** What a name server tells over UDP: its version, or any answer to one of our questions. */
export const dnsAnswer: DatagramMatcher = {
  name: 'dns',
  ports: [53],
  match: ({ bytes, text }) => {
    const id = bigEndian(bytes, 0, 2) ?? 0;
    return (id & 0xfffe) === ID && (bigEndian(bytes, 2, 2) ?? 0) >= RESPONSE ? told(text) : null;
  },
};
