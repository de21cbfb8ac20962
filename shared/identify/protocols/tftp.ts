import { ascii, bytes, u16 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const DATA = 3;
const ERROR = 5;

/** The server answers from a port of its own choice, its transfer identifier (RFC 1350 section 4). */
export const tftpPayload: Payload = {
  protocol: 'TFTP',
  ports: [69],
  source: 'RFC 1350 sections 4 and 5',
  asks: 'to read a file that is not there',
  bytes: bytes(u16(1), ascii('portfleet-no-such-file\0octet\0')),
  isAnswerFromNewPort: ([first, opcode]) => first === 0 && (opcode === DATA || opcode === ERROR),
};

export const tftpAnswer: DatagramMatcher = {
  name: 'tftp',
  ports: [69],
  match({ text }) {
    const words = /^\0\x05\0[\0-\x08]([\x20-\x7e]{0,100})\0?$/.exec(text)?.[1];
    if (words !== undefined) return { name: 'tftp', info: words, confidence: SURE };
    return /^\0\x03\0\x01/.test(text) ? { name: 'tftp', confidence: SURE } : null;
  },
};
