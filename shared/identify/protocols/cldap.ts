import { ascii, u8 } from './kit/bytes.ts';
import { integer, octets, sequence, tlv } from './kit/der.ts';
import type { Payload } from './kit/payload.ts';

const SEARCH_REQUEST = 0x63;
const ENUMERATED = 0x0a;
const BOOLEAN = 0x01;
/** A filter that asks only whether the attribute is there. */
const PRESENT = 0x87;

export const cldap: Payload = {
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
