import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/**
 * op_connect (1) to attach (19), connect version 3, a generic client (1), no file, one protocol: version 10, generic, of
 * the lowest preference. No user is named, so the server rejects, or accepts and waits.
 */
const CONNECT =
  '00000001 00000013 00000003 00000001 00000000 00000001 00000000 0000000a 00000001 00000000 00000005 00000002';

export const firebird: Matcher = {
  name: 'firebird',
  source: 'Firebird wire protocol, "Attachment": op_connect, op_accept, op_reject',
  ports: [3050],
  tlsPorts: [],
  question: { name: 'firebird', bytes: () => bytesOfHex(CONNECT) },
  match({ bytes, asked }) {
    if (asked !== 'firebird') return null;
    const operation = bigEndian(bytes, 0, 4);
    const isRejected = operation === 4 && bytes.length === 4;
    // op_accept and op_accept_data begin alike: protocol, architecture, type.
    const isAccepted = (operation === 3 || operation === 94) && bytes.length >= 16;
    return isRejected || isAccepted ? { name: 'firebird', product: 'Firebird', confidence: SURE } : null;
  },
};
