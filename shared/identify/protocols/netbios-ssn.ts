import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** A session request to `*SMBSERVER` from a name of ours: 16 characters, each as two half bytes counted from A. */
const encoded = (name: string): string =>
  [...name.padEnd(16, ' ')]
    .map((character) => character.charCodeAt(0))
    .map((code) => String.fromCharCode(0x41 + (code >> 4), 0x41 + (code & 15)))
    .join('');

const request = (): string => `\x81\0\0\x44\x20${encoded('*SMBSERVER')}\0\x20${encoded('PORTFLEET')}\0`;

export const netbiosSsn: Matcher = {
  name: 'netbios-ssn',
  source: 'RFC 1002, section 4.3 (session request, positive and negative response)',
  ports: [139],
  tlsPorts: [],
  question: { name: 'netbios-ssn', bytes: () => bytesOfLatin1(request()) },
  match({ text, asked }) {
    const isAnswer = asked === 'netbios-ssn' && /^(?:\x82\0\0\0|\x83\0\0\x01[\x80-\x8f])/.test(text);
    return isAnswer
      ? {
          name: 'netbios-ssn',
          info: text.startsWith('\x82') ? 'session accepted' : 'session refused',
          confidence: SURE,
        }
      : null;
  },
};
