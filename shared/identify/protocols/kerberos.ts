import { concatBytes } from '../../domain/bytes.ts';
import { ascii, bytes, u8, zeros } from './kit/bytes.ts';
import { integer, sequence, tlv } from './kit/der.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const APPLICATION_10 = 0x6a;
const field = (number: number, content: Uint8Array): Uint8Array => tlv(0xa0 + number, content);
const generalString = (text: string): Uint8Array => tlv(0x1b, ascii(text));
const principal = (type: number, ...names: readonly string[]): Uint8Array =>
  sequence(field(0, integer(type)), field(1, sequence(...names.map(generalString))));

const REALM = 'PORTFLEET.INVALID';

const request = (): Uint8Array =>
  tlv(
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
  );

/** A key centre says that it does not serve this realm, or does not know this name; nothing secret is sent. */
export const kerberosPayload: Payload = {
  protocol: 'Kerberos',
  ports: [88],
  source: 'RFC 4120 section 5.4.1',
  asks: 'a ticket for a name in a realm that cannot exist',
  bytes: request(),
};

/** KRB-ERROR (application 30) of version 5. */
const ERROR = /\x7e[\s\S]{1,3}\x30[\s\S]{1,3}\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e/;

/** The server's clock (stime, field 4), its realm (field 9) and the words of the error (field 11). */
const CLOCK = /\xa4\x11\x18\x0f(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z/;
const REALM_FIELD = /\xa9[\x03-\x7f]\x1b[\x01-\x7d]([\x20-\x7e]{1,100})/;
const TEXT_FIELD = /\xab[\x03-\x7f]\x1b[\x01-\x7d]([\x20-\x7e]{1,100})/;

/** MIT's centres say CLIENT_NOT_FOUND and such words; Heimdal writes sentences, Windows nothing. */
function productOf(words: string | undefined): string | undefined {
  if (words === undefined) return undefined;
  return /^[A-Z_]{6,}\b/.test(words) ? 'MIT Kerberos' : 'Heimdal Kerberos';
}

function krbError(text: string): Match | null {
  if (!ERROR.test(text)) return null;
  const [, year, month, day, ...clock] = CLOCK.exec(text) ?? [];
  const realm = REALM_FIELD.exec(text)?.[1]?.replace(/\xaa[\s\S]*$/, '');
  const info = [
    realm && realm !== REALM ? `realm ${realm}` : undefined,
    year && `server time ${year}-${month}-${day} ${clock.join(':')}Z`,
  ];
  const said = info.filter(Boolean).join('; ');
  return {
    name: 'kerberos',
    product: productOf(TEXT_FIELD.exec(text)?.[1]),
    info: said || undefined,
    confidence: SURE,
  };
}

/**
 * An HTTP request is answered with an error already: it is a message of 1.2 GB, which is too long (KRB_ERR_FIELD_TOOLONG,
 * RFC 4120 section 7.2.2).
 */
export const kerberos: Matcher = {
  name: 'kerberos',
  source: 'RFC 4120, sections 5.9.1 and 7.2.2',
  ports: [88],
  tlsPorts: [],
  question: { name: 'kerberos', bytes: () => concatBytes(Uint8Array.of(0, 0, 0, request().length), request()) },
  match: ({ text, asked }) => (asked !== null && /^\0\0/.test(text) ? krbError(text.slice(4)) : null),
};

export const kerberosAnswer: DatagramMatcher = { name: 'kerberos', ports: [88], match: ({ text }) => krbError(text) };
