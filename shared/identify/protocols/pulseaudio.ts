import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/**
 * A packet of the control channel: AUTH (8) with tag 0, version 32, and a cookie of zeros, which is wrong unless nobody
 * needs one. The server says which, in its own frame.
 */
const AUTH = `4c 00000008  4c 00000000  4c 00000020  78 00000100 ${'00'.repeat(256)}`;
const LENGTH = 3 * 5 + 5 + 256;

export const pulseaudio: Matcher = {
  name: 'pulseaudio',
  source: 'PulseAudio src/pulsecore/pstream.c, native-common.h (PA_COMMAND_AUTH) and tagstruct.h',
  ports: [4713],
  tlsPorts: [],
  question: {
    name: 'pulseaudio',
    bytes: () => bytesOfHex(`${LENGTH.toString(16).padStart(8, '0')} ffffffff 00000000 00000000 00000000 ${AUTH}`),
  },
  match({ bytes, text, asked }) {
    // Channel -1, and a reply (2) or an error (0), whose tag is ours.
    if (asked !== 'pulseaudio' || !/^\0\0\0[\s\S]\xff{4}\0{12}L\0\0\0[\0\x02]L\0\0\0\0L/.test(text)) return null;
    const isOpen = bytes[24] === 2;
    const protocol = (bigEndian(bytes, 31, 4) ?? 0) & 0xffff;
    const info = isOpen ? `protocol ${protocol}; open to everybody` : 'authentication required';
    return { name: 'pulseaudio', product: 'PulseAudio', info, confidence: SURE };
  },
};
