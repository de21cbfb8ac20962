import { bytesOfHex, littleEndian } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Of the dialects that need no negotiate contexts; 3.1.1, which does, every server also speaks as 3.0.2. */
const DIALECTS: Readonly<Record<number, string>> = {
  514: '2.0.2',
  528: '2.1',
  767: '2',
  768: '3.0',
  770: '3.0.2',
  785: '3.1.1',
};

/** The frame's length, then the SMB2 header: NEGOTIATE, one credit, everything else zero (MS-SMB2 section 2.2.1). */
const HEADER = `0000006c fe534d42 4000 0000 00000000 0000 0100 ${'00'.repeat(48)}`;

/** 36 bytes, four dialects, signing enabled, a client GUID of zeros (section 2.2.3). */
const NEGOTIATE = `2400 0400 0100 0000 00000000 ${'00'.repeat(16)} 0000000000000000 0202 1002 0003 0203`;

/** Offsets into the answer: four bytes of frame, 64 of header, and the body. */
const COMMAND = 16;
const FLAGS = 20;
const FROM_SERVER = 1;
const BODY = 68;
const SIGNING_REQUIRED = 2;

export const smb: Matcher = {
  name: 'smb',
  source: 'MS-SMB2, sections 2.2.1, 2.2.3 and 2.2.4',
  ports: [445],
  tlsPorts: [],
  question: { name: 'smb', bytes: () => bytesOfHex(`${HEADER} ${NEGOTIATE}`) },
  match({ bytes, text }) {
    const isAnswer = ((bytes[FLAGS] ?? 0) & FROM_SERVER) > 0;
    if (!/^\0[\s\S]{3}\xfeSMB\x40\0/.test(text) || !isAnswer || littleEndian(bytes, COMMAND, 2) !== 0) return null;
    const dialect = DIALECTS[littleEndian(bytes, BODY + 4, 2) ?? 0];
    if (dialect === undefined) return { name: 'smb', confidence: SURE };
    const signing = ((littleEndian(bytes, BODY + 2, 2) ?? 0) & SIGNING_REQUIRED) > 0 ? 'required' : 'not required';
    return { name: 'smb', info: `dialect ${dialect}; signing ${signing}`, confidence: SURE };
  },
};
