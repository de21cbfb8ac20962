import { bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/**
 * A login request for discovery, security negotiation first, with a name that belongs to nobody. The target answers with
 * its methods or a refusal; no session comes of it.
 */
const KEYS = 'InitiatorName=iqn.2003-01.invalid.portfleet:x\0SessionType=Discovery\0AuthMethod=None\0';
const PADDING = (4 - (KEYS.length % 4)) % 4;

export const iscsi: Matcher = {
  name: 'iscsi',
  source: 'RFC 7143, sections 11.12 and 11.13 (Login Request and Response)',
  ports: [860, 3260],
  tlsPorts: [],
  question: {
    name: 'iscsi',
    bytes: () =>
      concatBytes(
        // immediate login, transit from security to operational negotiation, versions 0, no additional header
        bytesOfHex(`43 81 00 00 00 00 00 ${KEYS.length.toString(16)}`),
        bytesOfHex('00 02 3d 00 00 00  00 00  00 00 00 01  00 00 00 00  00 00 00 01  00 00 00 00'),
        new Uint8Array(16),
        bytesOfLatin1(KEYS + '\0'.repeat(PADDING)),
      ),
  },
  match({ bytes, text, asked }) {
    // A login response: opcode 23, versions 0, and our task tag back.
    if (asked !== 'iscsi' || bytes.length < 48 || bytes[0] !== 0x23 || bytes[3] !== 0) return null;
    if (bytes[2] !== 0) return null;
    const status = `${bytes[36]}.${bytes[37]}`;
    const alias = /TargetAlias=([\x20-\x7e]{1,80})/.exec(text)?.[1];
    return {
      name: 'iscsi',
      info: alias ?? (status === '0.0' ? 'discovery without authentication' : `login status ${status}`),
      confidence: SURE,
    };
  },
};
