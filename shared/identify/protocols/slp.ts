import { ascii, bytes, counted, u16, u24 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const SERVICE_TYPE_REQUEST = 9;
const ALL_NAMING_AUTHORITIES = 0xffff;
/** Version, function, length (3 bytes), flags (2), next extension (3), identifier (2): RFC 2608 section 8. */
const HEADER_WITHOUT_LANGUAGE = 12;

const language = counted(u16, ascii('en'));
const body = bytes(u16(0), u16(ALL_NAMING_AUTHORITIES), counted(u16, ascii('default')));

export const slpPayload: Payload = {
  protocol: 'SLP',
  ports: [427],
  source: 'RFC 2608 sections 8 and 10.1',
  asks: 'the kinds of service in the scope "default"',
  bytes: bytes(
    [2, SERVICE_TYPE_REQUEST],
    u24(HEADER_WITHOUT_LANGUAGE + language.length + body.length),
    u16(0),
    u24(0),
    u16(0x7066),
    language,
    body,
  ),
};
