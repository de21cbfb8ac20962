import { bytes, u8 } from './kit/bytes.ts';
import { integer, octets, sequence, tlv } from './kit/der.ts';
import { type DatagramMatcher, type Match, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const GET_REQUEST = 0xa0;

const getRequest = (...variables: readonly Uint8Array[]): Uint8Array =>
  tlv(GET_REQUEST, integer(0x7066), integer(0), integer(0), sequence(...variables));

/** An engine that does not know us answers with a Report that names itself; no community and no user is needed. */
export const snmpV3Payload: Payload = {
  protocol: 'SNMP',
  ports: [161],
  source: 'RFC 3412 section 6, RFC 3414 section 4',
  asks: 'the engine of version 3 to make itself known',
  bytes: sequence(
    integer(3),
    // msgID, msgMaxSize, msgFlags (reportable, neither authenticated nor private), the user-based security model
    sequence(integer(0x7066), integer(65_507), tlv(0x04, u8(0x04)), integer(3)),
    tlv(0x04, sequence(octets(''), integer(0), integer(0), octets(''), octets(''), octets(''))),
    sequence(octets(''), octets(''), getRequest()),
  ),
};

/** sysDescr.0, 1.3.6.1.2.1.1.1.0 (RFC 3418). */
const SYS_DESCR = tlv(0x06, bytes([0x2b, 6, 1, 2, 1, 1, 1, 0]));
const NULL = tlv(0x05);

/** Agents without version 3. "public" is the name that everybody may read by; another is never tried. */
export const snmpV2Payload: Payload = {
  protocol: 'SNMP',
  ports: [161],
  source: 'RFC 1901, RFC 3416 section 3, RFC 3418',
  asks: 'sysDescr by version 2c, community "public"',
  bytes: sequence(integer(1), octets('public'), getRequest(sequence(SYS_DESCR, NULL))),
};

/** sysDescr.0 in the answer of version 2c, and the text behind it (an octet string, its length in up to three bytes). */
const DESCRIPTION = /\x06\x08\x2b\x06\x01\x02\x01\x01\x01\0\x04(?:([\0-\x7f])|\x81([\s\S])|\x82([\s\S])([\s\S]))/;

/** An engine's number (RFC 3411 section 5): its enterprise, whose first bit is set, and how it goes on. */
const ENGINE = /\x30[\s\S]{1,3}\x04([\x05-\x20])\x80([\s\S]{3})/;

const ENTERPRISES: Readonly<Record<number, string>> = {
  9: 'Cisco',
  11: 'Hewlett-Packard',
  311: 'Microsoft Windows',
  2011: 'Huawei',
  2021: 'net-snmp',
  2636: 'Juniper',
  3375: 'F5',
  8072: 'net-snmp',
  12356: 'Fortinet',
  14988: 'MikroTik',
  25461: 'Palo Alto Networks',
  30065: 'Arista',
};

/** "Linux host 6.1.0-18-amd64 #1 SMP …", "Cisco IOS Software, … Version 15.2(4)M": the system, and the host's name. */
function described(words: string): Partial<Match> {
  const [, system, hostname, version] =
    /^(Linux|FreeBSD|OpenBSD|NetBSD|Darwin|SunOS) (\S{1,64}) (\S{1,40})/.exec(words) ?? [];
  if (system !== undefined) return { os: system, hostname, info: `${system} ${version}; community public` };
  const release = /\bVersion (\d[\w.()]{0,20})/.exec(words)?.[1];
  return { version: release, info: `${words.replace(/\s+/g, ' ').slice(0, 80)}; community public` };
}

export const snmpAnswer: DatagramMatcher = {
  name: 'snmp',
  ports: [161],
  match({ text }) {
    const [found, short, long, high, low] = DESCRIPTION.exec(text) ?? [];
    if (found !== undefined) {
      const length = short ?? long;
      const size =
        length === undefined ? (high?.charCodeAt(0) ?? 0) * 256 + (low?.charCodeAt(0) ?? 0) : length.charCodeAt(0);
      const start = text.indexOf(found) + found.length;
      const words = text.slice(start, start + size);
      return {
        name: 'snmp',
        product: /^Linux/.test(words) ? 'net-snmp' : undefined,
        ...described(words),
        confidence: SURE,
      };
    }
    // A message of version 3 in the user-based security model, or of version 1 or 2c.
    if (!/^\x30[\s\S]{1,3}\x02\x01[\0\x01\x03]/.test(text)) return null;
    const [engine, , enterprise] = ENGINE.exec(text) ?? [];
    if (engine === undefined || enterprise === undefined) return { name: 'snmp', confidence: SURE };
    const number = (enterprise.charCodeAt(0) << 16) + (enterprise.charCodeAt(1) << 8) + enterprise.charCodeAt(2);
    return { name: 'snmp', product: ENTERPRISES[number], info: `version 3; enterprise ${number}`, confidence: SURE };
  },
};
