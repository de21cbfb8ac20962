import { bigEndian, bytesOfLatin1 } from '../../domain/bytes.ts';
import { bytes, u16, u32, zeros } from './kit/bytes.ts';
import { LIKELY, type Matcher, type Question, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** TPKT, an X.224 connection request, and in it a negotiation request for `protocols` (MS-RDPBCGR section 2.2.1.1). */
const request = (protocols: string): string => `\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0${protocols}\0\0\0`;

/** A connection confirm; where the server knows negotiation, a response (2) or a failure (3) follows. */
const CONFIRM = /^\x03\0\0[\x0b\x13][\x06\x0e]\xd0[\s\S]{5}/;

const CHOSEN: Readonly<Record<number, string>> = {
  0: 'RDP security',
  1: 'TLS',
  2: 'CredSSP',
  8: 'CredSSP with early authorisation',
};

/** What is no connection request is answered with a Disconnect Provider Ultimatum (section 2.2.2.3; T.125 section 7). */
const DISCONNECT = /^\x03\0\0\x09\x02\xf0\x80\x21\x80/;

/** TLS, CredSSP, or CredSSP with early authorisation: the server chooses. */
const QUESTION: Question = { name: 'rdp', bytes: () => bytesOfLatin1(request('\x0b')) };

export const rdp: Matcher = {
  name: 'rdp',
  source: 'MS-RDPBCGR, sections 2.2.1.1 and 2.2.1.2',
  ports: [3389],
  tlsPorts: [],
  question: QUESTION,
  startTls: [
    {
      say: '\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x01\0\0\0',
      ready: /^\x03\0\0\x13\x0e\xd0[\s\S]{5}\x02[\s\S]\x08\0\x01/,
    },
  ],
  match({ bytes, text, asked }) {
    if (asked !== null && DISCONNECT.test(text)) return { name: 'rdp', confidence: LIKELY, next: QUESTION };
    if (asked !== 'rdp' || !CONFIRM.test(text)) return null;
    const kind = bigEndian(bytes, 11, 1);
    const info = kind === 2 ? CHOSEN[bigEndian(bytes, 15, 1) ?? -1] : undefined;
    return { name: 'rdp', info, confidence: SURE };
  },
};

const SYN = 0x0001;
/** Both ways: the largest datagram that may be agreed on; the SYN itself is padded to it. */
const MTU = 1_232;

const header = bytes(u32(0xffffffff), u16(64), u16(SYN), u32(0x70666c31), u16(MTU), u16(MTU));

export const rdpUdpPayload: Payload = {
  protocol: 'RDP over UDP',
  ports: [3389],
  source: 'MS-RDPEUDP sections 2.2.2.1, 2.2.2.5 and 3.1.5.1.1',
  asks: 'to begin a connection (SYN)',
  bytes: bytes(header, zeros(MTU - header.length)),
};
