import { ascii, bytes, u8, zeros } from './kit/bytes.ts';
import { integer, sequence, tlv } from './kit/der.ts';
import type { Payload } from './kit/payload.ts';

const APPLICATION_10 = 0x6a;
const field = (number: number, content: Uint8Array): Uint8Array => tlv(0xa0 + number, content);
const generalString = (text: string): Uint8Array => tlv(0x1b, ascii(text));
const principal = (type: number, ...names: readonly string[]): Uint8Array =>
  sequence(field(0, integer(type)), field(1, sequence(...names.map(generalString))));

const REALM = 'PORTFLEET.INVALID';

/** A key centre says that it does not serve this realm, or does not know this name; nothing secret is sent. */
export const kerberosPayload: Payload = {
  protocol: 'Kerberos',
  ports: [88],
  source: 'RFC 4120 section 5.4.1',
  asks: 'a ticket for a name in a realm that cannot exist',
  bytes: tlv(
    APPLICATION_10,
    sequence(
      field(1, integer(5)),
      field(2, integer(10)),
      field(
        4,
        sequence(
          // options: 32 bits, none set
          field(0, tlv(0x03, u8(0), zeros(4))),
          field(1, principal(1, 'portfleet')),
          field(2, generalString(REALM)),
          field(3, principal(2, 'krbtgt', REALM)),
          field(5, tlv(0x18, ascii('20370913024805Z'))),
          field(7, integer(0x7066)),
          // aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96, rc4-hmac
          field(8, bytes(sequence(integer(18), integer(17), integer(23)))),
        ),
      ),
    ),
  ),
};
