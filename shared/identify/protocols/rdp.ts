import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** TPKT, an X.224 connection request, and in it a negotiation request for `protocols` (MS-RDPBCGR section 2.2.1.1). */
const request = (protocols: string): Uint8Array =>
  bytesOfHex(`03 00 00 13  0e e0 00 00 00 00 00  01 00 08 00 ${protocols} 00 00 00`);

/** A connection confirm; where the server knows negotiation, a response (2) or a failure (3) follows. */
const CONFIRM = /^\x03\0\0[\x0b\x13][\x06\x0e]\xd0[\s\S]{5}/;

const CHOSEN: Readonly<Record<number, string>> = {
  0: 'RDP security',
  1: 'TLS',
  2: 'CredSSP',
  8: 'CredSSP with early authorisation',
};

export const rdp: Matcher = {
  name: 'rdp',
  source: 'MS-RDPBCGR, sections 2.2.1.1 and 2.2.1.2',
  ports: [3389],
  tlsPorts: [],
  // TLS, CredSSP, or CredSSP with early authorisation: the server chooses.
  question: { name: 'rdp', bytes: () => request('0b') },
  startTls: { steps: [{ say: request('01'), ready: /^\x03\0\0\x13\x0e\xd0[\s\S]{5}\x02[\s\S]\x08\0\x01/ }] },
  match({ bytes, text, asked }) {
    if (asked !== 'rdp' || !CONFIRM.test(text)) return null;
    const kind = bigEndian(bytes, 11, 1);
    const info = kind === 2 ? CHOSEN[bigEndian(bytes, 15, 1) ?? -1] : undefined;
    return { name: 'rdp', info, confidence: SURE };
  },
};
