import { bytes, u8 } from './kit/bytes.ts';
import { integer, octets, sequence, tlv } from './kit/der.ts';
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
