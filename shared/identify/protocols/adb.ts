import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/** CNXN: version 1.0.0, 4 KB, "host::" (length 7, the sum of its bytes), and the command with all bits turned. */
const CONNECT = 'CNXN\0\0\0\x01\0\x10\0\0\x07\0\0\0\x32\x02\0\0\xbc\xb1\xa7\xb1host::\0';

/** Whoever is let in without a key runs commands on the device. */
export const adb: Matcher = {
  name: 'adb',
  source: 'Android adb protocol.txt, CONNECT, AUTH and STLS',
  ports: [5555],
  tlsPorts: [],
  question: textQuestion('adb', CONNECT),
  match({ text, asked }) {
    const kind = asked === 'adb' ? /^(CNXN|AUTH|STLS)[\s\S]{20}/.exec(text)?.[1] : undefined;
    if (kind === undefined) return null;
    const product = /ro\.product\.model=([^;]{1,60})/.exec(text)?.[1];
    const info = kind === 'CNXN' ? 'open to everybody' : 'authentication required';
    return { name: 'adb', product: product ?? 'Android Debug Bridge', info, os: 'Android', confidence: SURE };
  },
};
