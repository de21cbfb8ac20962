import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/**
 * A bind to the endpoint mapper (E1AF8308-5D1F-11C9-91A4-08002B14A0FA, version 3) with NDR. Any server of MSRPC answers
 * it, with an acknowledgement or a refusal, on whatever port it listens.
 */
const BIND =
  '05 00 0b 03 10 00 00 00 48 00 00 00 01 00 00 00  b8 10 b8 10 00 00 00 00 01 00 00 00 00 00 01 00' +
  '08 83 af e1 1f 5d c9 11 91 a4 08 00 2b 14 a0 fa 03 00 00 00  04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00';

export const msrpc: Matcher = {
  name: 'msrpc',
  source: 'MS-RPCE, section 2.2.2; DCE 1.1 RPC, section 12.6 (bind, bind_ack, bind_nak)',
  ports: [
    135,
    593,
    ...Array.from({ length: 10 }, (_, index) => 49_152 + index),
    ...Array.from({ length: 12 }, (_, index) => 49_664 + index),
  ],
  tlsPorts: [],
  question: { name: 'msrpc', bytes: () => bytesOfHex(BIND) },
  match({ text, asked }) {
    // Version 5.0, bind_ack (12) or bind_nak (13), little endian.
    if (asked !== 'msrpc' || !/^\x05\0[\x0c\x0d][\s\S]\x10\0\0\0/.test(text)) return null;
    // Whoever serves a pipe over TCP (Impacket) names it, where Windows names its port.
    if (/^[\s\S]{26}\\PIPE\\/i.test(text)) return { name: 'msrpc', confidence: SURE };
    return { name: 'msrpc', product: 'Microsoft Windows RPC', os: 'Windows', confidence: SURE };
  },
};
