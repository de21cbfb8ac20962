import { bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { ascii, u8 } from './kit/bytes.ts';
import { integer, octets, sequence, tlv } from './kit/der.ts';
import { type DatagramMatcher, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** Attributes of the root DSE that tell one server from another; anybody may read it before a bind (RFC 4512, 5.1). */
const ATTRIBUTES = ['objectClass', 'vendorName', 'vendorVersion', 'domainFunctionality'] as const;

const ber = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const value = concatBytes(...parts);
  return concatBytes(Uint8Array.of(tag, value.length), value);
};

/** SearchRequest: base "", scope base, never dereference, one entry, three seconds, (objectClass=*). */
function rootDseSearch(): Uint8Array {
  const search = ber(
    0x63,
    bytesOfHex('04 00  0a 01 00  0a 01 00  02 01 01  02 01 03  01 01 00'),
    ber(0x87, bytesOfLatin1('objectClass')),
    ber(0x30, ...ATTRIBUTES.map((name) => ber(0x04, bytesOfLatin1(name)))),
  );
  return ber(0x30, bytesOfHex('02 01 01'), search);
}

/** Message 1, an extended request of that name (RFC 4511 section 4.14.1). */
const START_TLS = '\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037';

/**
 * A message (30, length in one or two to five bytes) with our id 1, or 0 for a notice of disconnection, and in it a
 * search entry (64), the end of a search (65) or an extended response (78).
 */
const MESSAGE = /^\x30(?:[\0-\x7f]|\x81.|\x82..|\x84....)\x02\x01([\0\x01])([\x64\x65\x78])/s;

/** The first value of an attribute: a set of octet strings. Lengths of two forms may stand between. */
const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`${name}\\x31[\\x80-\\x84]?[\\s\\S]{1,4}?\\x04[\\x01-\\x7f]([\\x20-\\x7e]{1,120})`).exec(text)?.[1];

function productOf(text: string): { product?: string | undefined; version?: string | undefined } {
  const product = attribute(text, 'vendorName');
  if (product !== undefined) return { product, version: attribute(text, 'vendorVersion') };
  if (/OpenLDAProotDSE/.test(text)) return { product: 'OpenLDAP' };
  return /domainFunctionality/.test(text) ? { product: 'Microsoft Active Directory' } : {};
}

export const ldap: Matcher = {
  name: 'ldap',
  source: 'RFC 4511, sections 4.1.1 and 4.5; RFC 4512, section 5.1; StartTLS: RFC 4511, section 4.14',
  ports: [389, 3268],
  tlsPorts: [636, 3269],
  question: { name: 'ldap', bytes: rootDseSearch },
  startTls: [{ say: START_TLS, ready: /^\x30[\s\S]{1,5}\x02\x01\x01\x78[\s\S]{1,5}\x0a\x01\0/ }],
  match({ text, asked }) {
    const [found, id, kind] = asked === 'ldap' ? (MESSAGE.exec(text) ?? []) : [];
    // Only a notice of disconnection is an extended response here, and only it has the id 0.
    if (found === undefined || (id === '\0') !== (kind === '\x78')) return null;
    return { name: 'ldap', ...productOf(text), confidence: SURE };
  },
};

const SEARCH_REQUEST = 0x63;
const ENUMERATED = 0x0a;
const BOOLEAN = 0x01;
/** A filter that asks only whether the attribute is there. */
const PRESENT = 0x87;

export const cldapPayload: Payload = {
  protocol: 'CLDAP',
  ports: [389],
  source: 'RFC 4511 section 4.5.1, MS-ADTS section 6.3.3',
  asks: 'the root of the directory for its LDAP versions',
  bytes: sequence(
    integer(1),
    tlv(
      SEARCH_REQUEST,
      octets(''),
      // base object only, never follow aliases, no limits of size and time, values too
      tlv(ENUMERATED, u8(0)),
      tlv(ENUMERATED, u8(0)),
      integer(0),
      integer(0),
      tlv(BOOLEAN, u8(0)),
      tlv(PRESENT, ascii('objectClass')),
      sequence(octets('supportedLDAPVersion')),
    ),
  ),
};

/** The answer of a directory over UDP: a search entry, or the end of the search. */
export const cldapAnswer: DatagramMatcher = {
  name: 'cldap',
  ports: [389],
  match: ({ text }) => (MESSAGE.test(text) ? { name: 'cldap', ...productOf(text), confidence: SURE } : null),
};
