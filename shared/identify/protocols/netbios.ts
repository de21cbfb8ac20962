import { ascii, bytes, u16 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** "*" and fifteen zero bytes, each half byte as a letter from "A" on (RFC 1001 section 14.1). */
const ANY_NAME = `CK${'A'.repeat(30)}`;

export const netbiosPayload: Payload = {
  protocol: 'NetBIOS name service',
  ports: [137],
  source: 'RFC 1002 section 4.2.17',
  asks: 'the status of the node and its names (NBSTAT)',
  bytes: bytes(
    u16(0x7066),
    u16(0),
    [0, 1, 0, 0, 0, 0, 0, 0],
    [ANY_NAME.length],
    ascii(ANY_NAME),
    [0],
    u16(0x21),
    u16(1),
  ),
};

/** Names are 15 characters and a kind: 00 the machine or its workgroup (bit 15 of the flags), 20 its file server. */
export const netbiosAnswer: DatagramMatcher = {
  name: 'netbios-ns',
  ports: [137],
  match({ bytes, text }) {
    if (!/^pf[\x84\x85]/.test(text)) return null;
    const count = bytes[56] ?? 0;
    const names = Array.from({ length: Math.min(count, 20) }, (_, index) =>
      text.slice(57 + 18 * index, 75 + 18 * index),
    );
    const own = names.filter((each) => each.charCodeAt(15) === 0);
    const [hostname] = own.filter((each) => each.charCodeAt(16) < 0x80);
    const [group] = own.filter((each) => each.charCodeAt(16) >= 0x80);
    const info = group && `workgroup ${group.slice(0, 15).trim()}`;
    return { name: 'netbios-ns', hostname: hostname?.slice(0, 15).trim(), info, confidence: SURE };
  },
};
