import { ascii, bytes, u16 } from './kit/bytes.ts';
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
