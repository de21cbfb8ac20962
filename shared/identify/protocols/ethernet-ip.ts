import { bytesOfHex, littleEndian } from '../../domain/bytes.ts';
import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** This protocol alone writes its numbers low byte first. */
const LIST_IDENTITY = [0x63, 0];

export const ethernetIpPayload: Payload = {
  protocol: 'EtherNet/IP',
  ports: [44_818],
  source: 'The CIP Networks Library volume 2, sections 2-3 and 2-4.2',
  asks: 'which device it is',
  // no data, no session, status 0, our context, no options
  bytes: bytes(LIST_IDENTITY, zeros(2), zeros(4), zeros(4), PORTFLEET_ID, zeros(4)),
};

/** After the header, one item of type 12 with the identity: vendor, kind, code, revision, status, serial number, name. */
function identity(bytes: Uint8Array, text: string): Match | null {
  if (!/^\x63\0/.test(text) || littleEndian(bytes, 26, 2) !== 0x0c) return null;
  const [major, minor] = [bytes[54], bytes[55]];
  const name = text.slice(63, 63 + (bytes[62] ?? 0));
  const info = `vendor ${littleEndian(bytes, 48, 2)}; device type ${littleEndian(bytes, 50, 2)}`;
  const version = major === undefined ? undefined : `${major}.${minor}`;
  return {
    name: 'ethernet-ip',
    product: name || undefined,
    version,
    info,
    deviceType: 'specialized',
    confidence: SURE,
  };
}

export const ethernetIp: Matcher = {
  name: 'ethernet-ip',
  source: 'The CIP Networks Library volume 2, sections 2-3 and 2-4.2 (ListIdentity)',
  ports: [44_818],
  tlsPorts: [],
  question: { name: 'ethernet-ip', bytes: () => bytesOfHex(`6300 0000 00000000 00000000 506f7274666c7431 00000000`) },
  match: ({ bytes, text, asked }) => (asked === 'ethernet-ip' ? identity(bytes, text) : null),
};

export const ethernetIpAnswer: DatagramMatcher = {
  name: 'ethernet-ip',
  ports: [44_818],
  match: ({ bytes, text }) => identity(bytes, text),
};
