import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** DSIGetStatus; the answer lists the machine, the versions and the name of the server before any login. */
export const afp: Matcher = {
  name: 'afp',
  source: 'Apple Filing Protocol reference, DSIGetStatus and FPGetSrvrInfo',
  ports: [548],
  tlsPorts: [],
  question: { name: 'afp', bytes: () => bytesOfHex('00 03 0001 00000000 00000000 00000000') },
  match({ bytes, text, asked }) {
    if (asked !== 'afp' || !/^\x01\x03\0\x01\0\0\0\0/.test(text)) return null;
    const at = 16 + (bigEndian(bytes, 16, 2) ?? 0);
    const machine = text.slice(at + 1, at + 1 + (bytes[at] ?? 0));
    const [, product = machine || undefined, version] = /^(Netatalk) ?(\d[\w.]{0,20})?/.exec(machine) ?? [];
    const hostname = text.slice(27, 27 + (bytes[26] ?? 0)) || undefined;
    return { name: 'afp', product, version, hostname, confidence: SURE };
  },
};
