import { bytesOfHex } from '../../domain/bytes.ts';
import { LIKELY, type Matcher, type Question, SURE } from './kit/matcher.ts';

/** COTP connection request (ISO 8073) to rack 0, slot 2, as programming device; then the S7 handshake (setup communication). */
const CONNECT = '03 00 00 16  11 e0 00 00 00 01 00  c0 01 0a  c1 02 01 00  c2 02 01 02';
const SETUP = '03 00 00 19  02 f0 80  32 01 00 00 70 66 00 08 00 00  f0 00 00 01 00 01 01 e0';

const setup: Question = { name: 's7-setup', bytes: () => bytesOfHex(SETUP), continues: true };

/** Nothing is read or written: it ends with the size of messages that both sides can take. */
export const s7: Matcher = {
  name: 'iso-tsap',
  source: 'RFC 1006, RFC 905 section 13.3; Siemens S7 communication, setup (function F0)',
  ports: [102],
  tlsPorts: [],
  question: { name: 's7', bytes: () => bytesOfHex(CONNECT) },
  match({ text, asked }) {
    if (asked === 's7' && /^\x03\0\0[\x0b-\x30][\x06-\x2b]\xd0/.test(text))
      return { name: 'iso-tsap', confidence: LIKELY, next: setup };
    if (asked === 's7-setup' && /^\x03\0\0[\s\S]\x02\xf0\x80\x32[\x02\x03]/.test(text)) {
      return { name: 'iso-tsap', product: 'Siemens S7 PLC', deviceType: 'specialized', confidence: SURE };
    }
    return null;
  },
};
