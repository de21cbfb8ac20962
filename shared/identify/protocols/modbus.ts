import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Read Device Identification (43/14), basic, from the vendor on, of unit 0: it reads three names and nothing else. */
const QUESTION = '7066 0000 0005 00 2b 0e 01 00';

export const modbus: Matcher = {
  name: 'modbus',
  source: 'MODBUS Application Protocol 1.1b3, section 6.21; MODBUS Messaging on TCP/IP, section 3.1.3',
  ports: [502],
  tlsPorts: [802],
  question: { name: 'modbus', bytes: () => bytesOfHex(QUESTION) },
  match({ bytes, text, asked }) {
    if (asked !== 'modbus' || !text.startsWith('pf\0\0\0')) return null;
    const code = bytes[7];
    if (code === 0xab) return { name: 'modbus', info: `exception ${bytes[8]}`, confidence: SURE };
    if (code !== 0x2b || bytes[8] !== 0x0e) return null;
    const [vendor, product, version] = objects(bytes, text);
    const name = [vendor, product].filter(Boolean).join(' ');
    return {
      name: 'modbus',
      product: name === '' ? undefined : name,
      version: version?.replace(/^v/i, ''),
      confidence: SURE,
    };
  },
};

/** Number, length and text of each object, after their count. */
function objects(bytes: Uint8Array, text: string): string[] {
  const found: string[] = [];
  let at = 14;
  for (let left = bytes[13] ?? 0; left > 0 && at + 2 <= bytes.length; left--) {
    const length = bytes[at + 1] ?? 0;
    found[bytes[at] ?? 0] = text.slice(at + 2, at + 2 + length);
    at += 2 + length;
  }
  return found;
}
